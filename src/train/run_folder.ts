/** The files that a training run leaves in its folder. */

/** Paths by what is in them; the plot of the history lies beside it. */
export function pathsIn(out: string): { checkpoint: string; model: string; history: string } {
  return {
    checkpoint: `${out}/checkpoint.safetensors`,
    model: `${out}/model.safetensors`,
    history: `${out}/history.csv`,
  };
}
