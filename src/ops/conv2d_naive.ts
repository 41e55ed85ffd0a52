/** Records the readable kernels: any kernel size and stride, forward and input gradient. */
import {
  type Conv,
  type ConvRun,
  flopsOf,
  pick,
  shiftOf,
  tensorOf,
  vec4Channels,
} from "./conv2d_geometry.ts";
import { inputGradNaive, naive } from "./conv2d_kernels.ts";

/** Records conv2d_naive or conv2d_input_grad_naive. */
export function runNaive(conv: Conv, run: ConvRun): void {
  const { rec, options, weight, bias } = conv;
  const { kernel, stride } = options;
  if (run.role === "forward") {
    const [a, b = a] = run.sources.map(tensorOf);
    rec.dispatch(naive, { a, b, w: weight, bias, y: run.target }, {
      params: {
        ...pick(conv, ["batch", "height", "width", "out_height", "out_width", "out4"]),
        ...{
          a4: vec4Channels(a),
          b4: run.sources[1] ? vec4Channels(b) : 0,
          a_shift: shiftOf(run.sources[0]),
        },
        ...{ kernel, stride },
      },
      constants: { ACTIVATION: run.activation },
      invocations: conv.batch * conv.out_height * conv.out_width * conv.out4,
      flops: flopsOf(conv),
    });
    return;
  }
  const { target, activated, first4 } = run;
  const target4 = vec4Channels(target);
  rec.dispatch(inputGradNaive, { dy: tensorOf(run.sources[0]), w: weight, activated, dx: target }, {
    params: {
      ...pick(conv, ["batch", "height", "width", "out_height", "out_width", "in4", "out4"]),
      ...{ target4, first4, kernel, stride, accumulate: Number(run.accumulate) },
    },
    constants: { ACTIVATION: run.activation },
    invocations: conv.batch * conv.height * conv.width * target4,
    flops: flopsOf(conv, target.shape[3]),
  });
}
