"""Runs docs/pytorch_unet.py by the lines of docs/INTEROP.md that load it: pytorch_module.py DOCS FOLDER HEIGHT WIDTH

For each FOLDER/N.safetensors it reads FOLDER/N.image ([3, HEIGHT, WIDTH] in float64) and writes what the network makes of it to
FOLDER/N.restored. Where the safetensors package is not installed, a reader of a few lines stands in for it.
"""
import glob, json, re, struct, sys, types

import numpy, torch


class SafeOpen:
    def __init__(self, path, framework):
        with open(path, "rb") as file:
            (length,) = struct.unpack("<Q", file.read(8))
            self.header = json.loads(file.read(length))
            self.body = file.read()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def metadata(self):
        return self.header["__metadata__"]

    def keys(self):
        return [name for name in self.header if name != "__metadata__"]

    def get_tensor(self, name):
        entry = self.header[name]
        first, last = entry["data_offsets"]
        values = numpy.frombuffer(self.body[first:last], {"F32": numpy.float32, "F16": numpy.float16}[entry["dtype"]])
        return torch.from_numpy(values.reshape(entry["shape"]).copy())


try:
    import safetensors
except ImportError:
    sys.modules["safetensors"] = types.SimpleNamespace(safe_open=SafeOpen)

docs, folder, height, width = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
sys.path.insert(0, docs)
sys.dont_write_bytecode = True
with open(f"{docs}/INTEROP.md", encoding="utf-8") as file:
    (code,) = [block for block in re.findall(r"```python\n(.*?)```", file.read(), re.S) if "load_state_dict" in block]
for path in glob.glob(f"{folder}/*.safetensors"):
    scope = {}
    exec(code.replace("photo.pt.safetensors", path), scope)
    stem = path[: -len(".safetensors")]
    image = torch.from_numpy(numpy.fromfile(f"{stem}.image").reshape(1, 3, height, width))
    with torch.no_grad():
        scope["network"].double()(image).numpy().tofile(f"{stem}.restored")
