/** A compute kernel: which shader, which bindings, and how its text is put together and compiled. */
import { GpuError } from "./errors.ts";
import { shaders } from "./shaders.gen.ts";
import type { ElementType } from "./tensor.ts";

/** How a kernel uses a binding. `uniform` is read-only, with the same address in all invocations. */
export type Access = "read" | "read_write" | "uniform";

/** Declaration of a kernel; binding 0 is always the uniform `params` (or the `jobs`), the others follow in this order from 1. */
export interface Kernel {
  /** Name of the shader file without `.wgsl`. */
  readonly name: keyof typeof shaders;
  /** Fields of the struct `Params` (or `Job`), in order. A name that ends in `:f32` is a float; others are whole numbers. */
  readonly params: readonly string[];
  /** Several pieces of work in one dispatch: binding 0 is an array in storage, `jobs: array<Job>`, and a workgroup's z says which is its own. */
  readonly jobs?: boolean;
  readonly bindings: Readonly<Record<string, Access>>;
  /** Bindings of `read_write` that are read before they are written, so that a profile counts their bytes twice. */
  readonly updates?: readonly string[];
  /** Shader files that are put before it. */
  readonly includes?: readonly (keyof typeof shaders)[];
  /**
   * Names by which the shader calls the types of elements in memory, each with the bindings that have it: `source4` is a vec4 of f32 or of
   * f16, a name without the 4 a scalar. A dispatch takes them from its tensors; one without bindings is f32 unless the dispatch says so.
   * Of those that are written, `to_result4` makes a `result4` of a vec4 of f32: what f16 cannot hold becomes its largest value, not infinity.
   */
  readonly types?: Readonly<Record<string, readonly string[]>>;
  /** Constants that size types, which an `override` cannot: written before the text as `const NAME = value;`. */
  readonly prelude?: readonly string[];
}

/** The type that each name in a kernel's `types` stands for; f32 where it is not there. */
export type KernelTypes = Readonly<Record<string, ElementType>>;

export interface CompiledKernel {
  readonly kernel: Kernel;
  readonly pipeline: GPUComputePipeline;
  readonly layout: GPUBindGroupLayout;
}

const BUFFER_TYPES: Readonly<Record<Access, GPUBufferBindingType>> = {
  read: "read-only-storage",
  read_write: "storage",
  uniform: "uniform",
};

/** The buffer type of each of a kernel's bindings, from 0: its params or jobs, then those it declares. */
export function bufferTypesOf({ jobs, bindings }: Kernel): GPUBufferBindingType[] {
  return [jobs ? "read" : "uniform", ...Object.values(bindings)].map((access) =>
    BUFFER_TYPES[access as Access]
  );
}

/** v between the lowest and the highest f16: WGSL leaves it open what becomes of others. */
const HELD_BY_HALF = "clamp(v, vec4f(-65504.0), vec4f(65504.0))";

/** The WGSL that is compiled for a kernel with these constants and types, and the constants left for the pipeline (overrides). */
export function kernelSource(
  kernel: Kernel,
  constants: Readonly<Record<string, number>>,
  types: KernelTypes = {},
): { code: string; overrides: Record<string, number> } {
  const prelude = kernel.prelude ?? [];
  for (const name of prelude) {
    if (constants[name] === undefined) {
      throw new GpuError(`Cannot compile ${kernel.name}: the constant ${name} is not given`);
    }
  }
  const names = Object.keys(kernel.types ?? {});
  const typeOf = (name: string) => types[name] ?? "f32";
  const alias = (name: string) =>
    `alias ${name} = ${name.endsWith("4") ? `vec4<${typeOf(name)}>` : typeOf(name)};\n`;
  const conversion = (name: string) => {
    const written = kernel.types![name].some((binding) => kernel.bindings[binding] === "read_write");
    if (!written || !name.endsWith("4")) return "";
    const value = typeOf(name) === "f16" ? `${name}(${HELD_BY_HALF})` : "v";
    return `fn to_${name}(v: vec4f) -> ${name} { return ${value}; }\n`;
  };
  const code = [
    // A directive has to come before everything else.
    names.some((name) => types[name] === "f16") ? "enable f16;\n" : "",
    ...names.map(alias),
    ...names.map(conversion),
    ...prelude.map((name) => `const ${name} = ${constants[name]};\n`),
    ...(kernel.includes ?? []).map((include) => shaders[include]),
    shaders[kernel.name],
  ].join("");
  const overrides = Object.fromEntries(Object.entries(constants).filter(([name]) => !prelude.includes(name)));
  return { code, overrides };
}

/**
 * Compiles a kernel with an explicit layout.
 * @throws {GpuError} naming kernel, constants and the line that the compiler points at.
 */
export async function buildKernel(
  device: GPUDevice,
  kernel: Kernel,
  constants: Readonly<Record<string, number>>,
  types: KernelTypes = {},
): Promise<CompiledKernel> {
  const { code, overrides } = kernelSource(kernel, constants, types);
  device.pushErrorScope("validation");
  const module = device.createShaderModule({ label: kernel.name, code });
  const layout = device.createBindGroupLayout({
    label: kernel.name,
    entries: bufferTypesOf(kernel).map((type, binding) => ({
      binding,
      visibility: GPUShaderStage.COMPUTE,
      buffer: { type },
    })),
  });
  const pipeline = device.createComputePipeline({
    label: kernel.name,
    layout: device.createPipelineLayout({ bindGroupLayouts: [layout] }),
    compute: { module, entryPoint: "main", constants: overrides },
  });
  const error = await device.popErrorScope();
  if (error) {
    throw new GpuError(
      `Cannot compile ${kernel.name} ${JSON.stringify({ ...constants, ...types })}: ${error.message}`,
    );
  }
  return { kernel, pipeline, layout };
}
