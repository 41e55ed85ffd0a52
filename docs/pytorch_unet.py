"""The U-Net of Clairnet's models in PyTorch, for weights that `clairnet export --to safetensors` wrote (docs/INTEROP.md)."""
import torch
from torch import nn
from torch.nn import functional as F


class UNet(nn.Module):
    """t: the topology, as the file's metadata has it."""

    def __init__(self, t):
        super().__init__()
        self.t, self.u = t, t.get("unshuffle", 1)
        width = t["channels"] * self.u**2 * (2 if t.get("filled") else 1)
        conv = lambda i, o, stride=1: nn.Conv2d(i, o, 3, stride, 1)
        scale = lambda i, o, count: nn.ModuleList(conv(i if k == 0 else o, o) for k in range(count))
        for s, w in enumerate(t["widths"]):
            if s > 0 and t["down"] == "stride":
                setattr(self, f"down{s}", conv(width, w, 2))
                width = w
            setattr(self, f"enc{s}", scale(width, w, t["encoderBlocks"][s]))
            width = w
        for s in reversed(range(len(t["widths"]) - 1)):
            w = t["widths"][s]
            setattr(self, f"dec{s}", scale(width + w, w, t["decoderBlocks"][s]))
            width = w
        self.out = conv(width, t["channels"] * (self.u * t.get("scale", 1)) ** 2)

    def act(self, x):
        return {"none": lambda x: x, "relu": F.relu, "leaky-relu": lambda x: F.leaky_relu(x, 0.1)}[self.t["activation"]](x)

    def scale(self, x, blocks):
        x = self.act(blocks[0](x))
        for block in blocks[1:]:
            y = self.act(block(x))
            x = x + y if self.t["residualBlocks"] else y
        return x

    def good(self, image, whole):
        """1 where a value, or the pixel as a whole, is not at either end of 0..1."""
        largest, smallest = (image.amax(1, keepdim=True), image.amin(1, keepdim=True)) if whole else (image, image)
        return ((largest > 0) & (smallest < 1)).to(image.dtype)

    def fill(self, image, good):
        """Each pixel that is wholly black or white becomes the mean of the good ones around it, weighted by distance^-6."""
        c, d = image.shape[1], torch.arange(-3, 4)
        squared = (d[:, None] ** 2 + d ** 2).to(image)
        weights = torch.where(squared > 0, squared.clamp(min=1) ** -3, 0 * squared).repeat(c, 1, 1, 1)
        around = lambda x: F.conv2d(x, weights[: x.shape[1]], padding=3, groups=x.shape[1])
        mean, total = around(image * good), around(good)
        return torch.where((good == 0) & (total > 0), mean / total, image)

    def unshuffle(self, x):
        """pixel_unshuffle, but for the order of the channels: those of a pixel lie together."""
        n, c, h, w = x.shape
        x = x.view(n, c, h // self.u, self.u, w // self.u, self.u).permute(0, 3, 5, 1, 2, 4)
        return x.reshape(n, self.u**2 * c, h // self.u, w // self.u)

    def forward(self, image):
        """image: [N, 3, H, W], RGB, sRGB-encoded, 0..1; H and W multiples of unshuffle·2^depth. Gives [N, 3, scale·H, scale·W], not clamped."""
        t, x, skips, r = self.t, self.unshuffle(image), [], self.u * self.t.get("scale", 1)
        good = self.good(image, True)
        filled = self.fill(image, good) if t.get("filled") else image
        if t.get("filled"):
            x = torch.cat([x, self.unshuffle(filled)], 1)
        for s in range(len(t["widths"])):
            if s > 0:
                skips.append(x)
                x = self.act(getattr(self, f"down{s}")(x)) if t["down"] == "stride" else F.max_pool2d(x, 2)
            x = self.scale(x, getattr(self, f"enc{s}"))
        for s in reversed(range(len(t["widths"]) - 1)):
            x = F.interpolate(x, scale_factor=2, mode=t["up"])
            x = self.scale(torch.cat([x, skips[s]], 1), getattr(self, f"dec{s}"))
        (n, c), (h, w) = image.shape[:2], x.shape[2:]
        # pixel_shuffle in the same order.
        x = self.out(x).view(n, r, r, c, h, w).permute(0, 3, 4, 1, 5, 2).reshape(n, c, r * h, r * w)
        for _ in range(t.get("scale", 1).bit_length() - 1):
            image = F.interpolate(image, scale_factor=2, mode="bilinear")
        if t.get("corrects", "all") != "all":
            return filled + (1 - self.good(image, t["corrects"] == "holes")) * x
        return image + x if t["residual"] else x
