/** `clairnet export` and `clairnet models import`: models to other programs and back. */
import { systemReason, UserError } from "../base/errors.ts";
import { readFile } from "../base/read_file.ts";
import { writeNamedFile } from "../base/write_file.ts";
import { toOnnx } from "../enhance/onnx_export.ts";
import { loadModel } from "../nn/models.ts";
import { fromPytorch, toPytorch } from "../nn/pytorch.ts";
import { saveModel } from "../nn/save_model.ts";
import { modelConfig } from "./options.ts";
import { printJson, printLine } from "./terminal.ts";

/** Formats of `--to`. */
export type ExportFormat = "onnx" | "safetensors";

interface Target {
  readonly out: string;
  readonly overwrite?: boolean;
  readonly json?: boolean;
}

export async function exportModel(
  name: string,
  options: Target & { readonly to: ExportFormat },
): Promise<number> {
  const { to, out, json } = options;
  await refuseExisting(options, name);
  const model = await loadModel(name);
  const bytes = to === "onnx" ? toOnnx(model) : toPytorch(model);
  await writeNamedFile(out, bytes);
  const kind = to === "onnx" ? "ONNX" : "safetensors in PyTorch's layout";
  if (json) printJson({ out, format: to, bytes: bytes.length });
  else printLine(`${out}: ${kind}, ${bytes.length} bytes`);
  return 0;
}

export async function importModel(
  path: string,
  options: Target & { readonly modelConfig?: string },
): Promise<number> {
  const topology = options.modelConfig === undefined ? undefined : modelConfig(options.modelConfig);
  await refuseExisting(options, path);
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (error) {
    throw new UserError(`Cannot read ${JSON.stringify(path)}: ${systemReason(error)}`, { cause: error });
  }
  const model = fromPytorch(bytes, path, topology);
  await saveModel(options.out, model);
  const { out, json } = options;
  if (json) printJson({ out, topology: model.topology });
  else printLine(`${out}: widths ${model.topology.widths.join("/")}, ready for --model`);
  return 0;
}

/** @param source that is read: it is never replaced, because a model that is gone has to be trained again. */
async function refuseExisting({ out, overwrite }: Target, source: string): Promise<void> {
  const refuse = (why: string): never => {
    throw new UserError(`${JSON.stringify(out)} ${why}`, { exitCode: 2 });
  };
  const there = await Deno.lstat(out).catch(() => undefined);
  if (!there) return;
  if (there.isDirectory) refuse("is a folder: choose another --out");
  const [from, to] = await Promise.all(
    [source, out].map((path) => Deno.realPath(path).catch(() => undefined)),
  );
  if (to !== undefined && from === to) refuse("is the file to read: choose another --out");
  if (!overwrite) refuse("exists: choose another --out, or add --overwrite");
}
