"""The comparisons' cases in PyTorch: `python3 bench/peers/torch_unet.py FOLDER [--quick] [--device cuda|cpu]`.

FOLDER is what `bench/peers/run.ts --keep FOLDER` (or `--write FOLDER`, which measures nothing) leaves: cases.json, the networks as
`clairnet export --to safetensors` writes them, and inputs with what our kernels made of them. Everything is checked against those
first, so what is timed is the same network with the same weights. run.ts calls this script and joins the figures with ours.

Precisions: `fp32` (TF32 off), `tf32`, `bf16` (autocast), and `fp32 compiled`, `bf16 compiled` (torch.compile). All are channels_last
with cudnn.benchmark on. On a processor only fp32 is tried unless --precisions says more.

Prints one JSON: {device, torch, threads, checks: [{name, difference}], cases: [{name, precision, ms, gflops, peak_bytes}], skipped}.
Told to end (SIGTERM), it prints the cases that it has.
peak_bytes is, on a GPU, torch.cuda.max_memory_allocated (live tensors and cuDNN's workspace, not what the allocator keeps beside);
on a processor, what is alive before a step and the most that the autograd profiler's allocations add to it.
"""
import argparse
import gc
import json
import os
import signal
import statistics
import sys
import time
from pathlib import Path

try:
    import torch
except ImportError:
    sys.exit(f"{sys.executable} has no PyTorch: name a Python that has it (run.ts takes --python)")
from torch.nn import functional as F

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "docs"))
from pytorch_unet import UNet  # noqa: E402

PRECISIONS = ["fp32", "tf32", "bf16", "fp32 compiled", "bf16 compiled"]
# Differences relative to the largest value. Three steps of Adam magnify rounding: it divides by the root of tiny squares.
TOLERANCE = {"forward": 1e-4, "gradient": 1e-4, "training": 1e-3}


def read_safetensors(path):
    """Tensors (f32) and metadata of a safetensors file. Own code, so that the script needs nothing but PyTorch."""
    data = Path(path).read_bytes()
    length = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + length])
    metadata = header.pop("__metadata__", {})
    tensors = {}
    for name, entry in header.items():
        assert entry["dtype"] == "F32", f"{path}: {name} is {entry['dtype']}"
        start, end = (8 + length + offset for offset in entry["data_offsets"])
        tensors[name] = torch.frombuffer(bytearray(data[start:end]), dtype=torch.float32).reshape(entry["shape"])
    return tensors, metadata


def image(nhwc, device):
    """NHWC values as an NCHW tensor in channels_last memory, which is the same bytes."""
    return nhwc.permute(0, 3, 1, 2).to(device).contiguous(memory_format=torch.channels_last)


def random_image(shape, device):
    n, h, w, c = shape
    return image(torch.rand(n, h, w, c), device)


def load_unet(path, device):
    tensors, metadata = read_safetensors(path)
    net = UNet(json.loads(metadata["topology"]))
    net.load_state_dict(tensors)
    return net.to(device, memory_format=torch.channels_last)


def adam(net, settings, device):
    options = {"lr": settings["learningRate"], "betas": (settings["beta1"], settings["beta2"]), "eps": settings["epsilon"]}
    if device.type == "cuda":
        try:
            return torch.optim.Adam(net.parameters(), fused=True, **options)
        except (TypeError, RuntimeError):
            pass  # PyTorch before 2.0
    return torch.optim.Adam(net.parameters(), **options)


def conv_gradients(dy, x, w, mask):
    return torch.ops.aten.convolution_backward(dy, x, w, [w.shape[0]], [1, 1], [1, 1], [1, 1], False, [0, 0], 1, mask)


def difference(ours, theirs):
    largest = ours.abs().max().item()
    return (ours - theirs.detach().cpu().float()).abs().max().item() / largest


def checks(folder, listed, settings, device):
    """Runs each check's input through PyTorch in fp32 and holds the result against our kernels'."""
    results = []

    def hold(name, kind, ours, theirs):
        results.append({"name": name, "difference": difference(ours, theirs)})
        if not results[-1]["difference"] <= TOLERANCE[kind]:
            sys.exit(f"{name}: PyTorch and ours differ by {results[-1]['difference']:.1e} of the largest value")

    for check in listed:
        values, _ = read_safetensors(folder / check["file"])
        if check["kind"] == "conv":
            x, dy = image(values["x"], device), image(values["dy"], device)
            w = values["w"].permute(3, 2, 0, 1).to(device).contiguous(memory_format=torch.channels_last)
            dx, dw, _ = conv_gradients(dy, x, w, [True, True, True])
            y = F.conv2d(x, w, values["b"].to(device), padding=1)
            hold(f"{check['name']}, forward", "forward", values["y"], y.permute(0, 2, 3, 1))
            hold(f"{check['name']}, input gradient", "gradient", values["dx"], dx.permute(0, 2, 3, 1))
            hold(f"{check['name']}, weight gradient", "gradient", values["dw"], dw.permute(2, 3, 1, 0))
        else:
            net = load_unet(folder / check["model"], device)
            x, target = image(values["input"], device), image(values["target"], device)
            with torch.no_grad():
                hold(f"{check['name']}, forward", "forward", values["output"], net(x).permute(0, 2, 3, 1))
            optimiser, losses = adam(net, settings, device), []
            for _ in range(len(values["losses"])):
                losses.append(train_step(net, optimiser, x, target).detach())
            hold(f"{check['name']}, losses of training", "training", values["losses"], torch.stack(losses))
    return results


def train_step(net, optimiser, x, target):
    optimiser.zero_grad(set_to_none=True)
    loss = F.mse_loss(net(x), target)
    loss.backward()
    optimiser.step()
    return loss


def work_of(case, folder, settings, device, precision):
    """A function that does a case's work once, without waiting."""
    x = random_image(case["shape"], device)
    bf16 = precision.startswith("bf16")
    if case["kind"] == "conv":
        out, (n, h, w, channels) = case["outChannels"], case["shape"]
        dtype = torch.bfloat16 if bf16 else torch.float32
        # Autocast casts in each call; here the tensors have the type that they would have inside of a network.
        x = x.to(dtype)
        weight = torch.rand(out, channels, 3, 3, device=device).to(dtype).contiguous(memory_format=torch.channels_last)
        bias = torch.rand(out, device=device).to(dtype)
        dy = random_image([n, h, w, out], device).to(dtype)
        return {
            "forward": lambda: F.conv2d(x, weight, bias, padding=1),
            "input gradient": lambda: conv_gradients(dy, x, weight, [True, False, False]),
            "weight gradient": lambda: conv_gradients(dy, x, weight, [False, True, True]),
        }[case["pass"]]
    net = load_unet(folder / case["model"], device)
    called = net
    if precision.endswith("compiled"):
        torch._dynamo.reset()  # or it would take the shapes of the case before for a sign that shapes vary
        called = torch.compile(net)
    if case["pass"] == "forward":

        def forward():
            with torch.no_grad(), torch.autocast(device.type, torch.bfloat16, enabled=bf16):
                return called(x)

        return forward
    target, optimiser = random_image(case["shape"], device), adam(net, settings, device)

    def step():
        optimiser.zero_grad(set_to_none=True)
        with torch.autocast(device.type, torch.bfloat16, enabled=bf16):
            loss = F.mse_loss(called(x).float(), target)
        loss.backward()
        optimiser.step()

    return step


def milliseconds(work, device, rounds, span):
    """Median over rounds of as many repetitions as fill `span` milliseconds: CUDA events on a GPU, the clock on a processor."""

    def round_of(repeat):
        if device.type == "cuda":
            start, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
            start.record()
            for _ in range(repeat):
                work()
            end.record()
            end.synchronize()
            return start.elapsed_time(end) / repeat
        start = time.perf_counter()
        for _ in range(repeat):
            work()
        return (time.perf_counter() - start) * 1000 / repeat

    for _ in range(3):  # cuDNN tries its algorithms, the allocator fills its pool
        round_of(1)
    repeat = max(1, min(200, round(span / round_of(1))))
    return statistics.median(round_of(repeat) for _ in range(rounds))


def peak_bytes(work, before):
    """The most that is allocated on the GPU while `work` runs, over what was allocated before it was made."""
    torch.cuda.synchronize()
    torch.cuda.reset_peak_memory_stats()
    work()
    torch.cuda.synchronize()
    return torch.cuda.max_memory_allocated() - before


def allocated_bytes(work):
    """The most that a run of `work` allocates at once on a processor."""
    with torch.autograd.profiler.profile(profile_memory=True) as profile:
        work()
    now = most = 0
    for event in profile.kineto_results.events():
        if event.name() == "[memory]":
            now += event.nbytes()
            most = max(most, now)
    return most


def held_bytes(case, folder):
    """
    Bytes alive before a training step, which on a processor nobody counts: parameters, moments, input and target. Gradients are made in
    the step; that those of the step before are freed at its start the profiler does not see, because it did not see them made.
    """
    n, h, w, channels = case["shape"]
    tensors, _ = read_safetensors(folder / case["model"])
    return 4 * (3 * sum(tensor.numel() for tensor in tensors.values()) + 2 * n * h * w * channels)


def measure(case, folder, settings, device, precision, quick):
    tf32 = precision == "tf32"
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = tf32
    cuda = device.type == "cuda"
    gc.collect()  # what the case before held
    if cuda:
        torch.cuda.empty_cache()
    before = torch.cuda.memory_allocated() if cuda else 0
    work = work_of(case, folder, settings, device, precision)
    ms = milliseconds(work, device, 3 if quick else 7, 0 if quick else 500)
    result = {"name": case["name"], "precision": precision, "ms": ms, "gflops": case["flops"] / ms / 1e6}
    if case["pass"] == "training step":
        if cuda:
            result["peak_bytes"] = peak_bytes(work, before)
        else:
            result["peak_bytes"] = allocated_bytes(work) + held_bytes(case, folder)
    return result


def main():
    parser = argparse.ArgumentParser(description="The comparisons' cases in PyTorch.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--precisions", help=f"comma-separated, of: {', '.join(PRECISIONS)}")
    parser.add_argument("--quick", action="store_true", help="three rounds of one repetition")
    options = parser.parse_args()
    device = torch.device(options.device)
    cuda = device.type == "cuda"
    wanted = options.precisions.split(",") if options.precisions else PRECISIONS if cuda else PRECISIONS[:1]
    unknown = set(wanted) - set(PRECISIONS)
    if unknown:
        parser.error(f"unknown precisions: {', '.join(sorted(unknown))}")
    torch.backends.cudnn.benchmark = True
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = False
    torch.set_num_threads(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count())
    torch.manual_seed(1)
    listed = json.loads((options.folder / "cases.json").read_text())
    settings = listed["adam"]
    report = {
        "device": torch.cuda.get_device_name(device) if cuda else "cpu",
        "torch": torch.__version__,
        "threads": torch.get_num_threads(),
        "checks": checks(options.folder, listed["checks"], settings, device),
        "cases": [],
        "skipped": [],
    }

    def stop(*_):
        print(json.dumps(report, indent=2), flush=True)
        os._exit(0)

    signal.signal(signal.SIGTERM, stop)
    # What takes long to compile comes last, so that a limit of time costs that first.
    for precision in wanted:
        for case in listed["cases"]:
            if case["kind"] == "conv" and precision.endswith("compiled"):
                continue  # one kernel: there is nothing to fuse
            try:
                result = measure(case, options.folder, settings, device, precision, options.quick)
                report["cases"].append(result)
                print(f"{result['name']}, {precision}: {result['ms']:.2f} ms", file=sys.stderr)
            except Exception as error:  # a precision that this build, card or version lacks must not cost the others
                why = f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"
                report["skipped"].append({"name": case["name"], "precision": precision, "why": why})
    print(json.dumps(report, indent=2))


main()
