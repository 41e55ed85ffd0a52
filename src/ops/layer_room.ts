/** A tensor that many layers share, so that small work of them all can be one dispatch. */
import type { Recorder } from "../gpu/recorder.ts";
import { ELEMENT_BYTES, type Tensor, type TensorRange } from "../gpu/tensor.ts";

/** Bytes of one such tensor at most: all of it is there as long as a layer needs its part, where tensors of their own would share memory. */
const MOST_BYTES = 1.5 * 2 ** 20;
/** What is bound begins at multiples of so many bytes. */
const ALIGNMENT = 256;

/** A flat tensor that grows, as long as the recording goes on, by what each layer takes. */
export class LayerRoom {
  readonly tensor: Tensor;
  #rec: Recorder;
  #end = 0;

  constructor(
    rec: Recorder,
    name: string,
    options: Pick<Tensor, "type" | "lifetime"> | undefined = undefined,
  ) {
    this.#rec = rec;
    this.tensor = rec.tensor([1], name, { layout: "flat", ...options });
  }

  /** Whether it has room for so many bytes more; what is larger than a whole one gets one to itself. */
  holds(bytes: number): boolean {
    return this.#end === 0 || this.#end + bytes <= MOST_BYTES;
  }

  /** The next `bytes`, at a place that can be bound. `reach` bytes from there on can be bound too. */
  take(bytes: number, reach = bytes): TensorRange {
    const offset = this.#end;
    this.#end = Math.ceil((offset + bytes) / ALIGNMENT) * ALIGNMENT;
    const needed = Math.max(this.tensor.bytes, offset + bytes, offset + reach);
    this.#rec.extend(this.tensor, needed / ELEMENT_BYTES[this.tensor.type]);
    return { tensor: this.tensor, offset, size: bytes };
  }
}
