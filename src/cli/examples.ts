/** What `--help` shows below the options: calls that can be copied. A test runs each through the parser. */

/** A call without `clairnet`, and what it is good for. */
export type Example = readonly [call: string, purpose: string];

/** By command; `""` is the program itself. */
export const EXAMPLES: Readonly<Record<string, readonly Example[]>> = {
  "": [
    ["enhance holiday.jpg", "writes holiday-enhanced.jpg beside it"],
    ["enhance photos/ -o better/ --recursive", "a folder and those below it"],
    ["doctor", "what this machine offers"],
  ],
  "enhance": [
    ["enhance holiday.jpg", "writes holiday-enhanced.jpg beside it"],
    ["enhance photos/ -o better/ --recursive", "a folder and those below it"],
    ["enhance scan.tif --strength 0.6 --format png", "a gentler hand, another format"],
    ["enhance night.jpg --model denoise", "noise alone; models list says what there is"],
    ["enhance small.jpg --scale 2", "twice the size each way: small-enhanced-2x.jpg"],
    ["enhance small.jpg --model jpeg+upscale2x", "two models, one after the other"],
    ["enhance old.jpg -o out/ --compare gif", "with an animation: before, after"],
    ["enhance photos/ -o out/ --device gpu --precision f16", "in half of the GPU's memory"],
    ["enhance - < in.png > out.png", "in a pipe"],
    ["enhance photos/ -o out/ --shard 2/4", "the second of four machines"],
    ["enhance -- -odd-name.jpg", "a name that begins with a dash"],
  ],
  "dataset": [
    ["dataset build --from scans/ --out sets/scans", "pairs of 256×256"],
    ["dataset info sets/scans", "what is in it"],
  ],
  "dataset build": [
    [
      "dataset build --from scans/ --out sets/scans --degrade blur:0.5-2",
      "pairs of 256×256, the one side blurred",
    ],
    ["dataset build --from a/ b/ --out sets/ab --size 128 --format png", "two folders, small pictures"],
  ],
  "dataset info": [["dataset info sets/scans", "counts, sizes and recipe"]],
  "train": [
    ["train --data scans/ --out runs/scans --degrade blur:0.5-2", "on a folder of photos"],
    ["train --data sets/scans --out runs/scans --steps 20000", "on a built data set"],
    ["train --data scans/ --out runs/b --init photo --colour-weight 30", "truer colours; wants a low --lr"],
    ["train --data scans/ --out runs/scans --resume", "goes on from the last checkpoint"],
    ["train --data scans/ --out runs/scans --tune", "finds the fastest kernels first"],
    ["train --data scans/ --out runs/try --steps 1 --profile", "where the time of a step goes"],
  ],
  "evaluate": [
    [
      "evaluate --data photos/ --degrade gaussian:25 --against median,nlm",
      "beside two classical filters",
    ],
    ["evaluate --data sets/scans --report report.html", "with pictures, in a page"],
    ["evaluate --data low/:high/ --json", "your own pairs, as JSON"],
  ],
  "trials": [
    ["trials --data photos/ --out trials/", "on your own photos"],
    ["trials --data sets/scans --out trials/ --no-isomap", "on a built set, the networks alone"],
  ],
  "models": [["models list", "what is shipped"], ["models info photo", "what one was trained on"]],
  "models list": [["models list", "names, and what each is for"], [
    "models list --json",
    "names only, as JSON",
  ]],
  "models info": [
    ["models info photo", "a shipped model"],
    ["models info runs/scans/model.safetensors", "one of your own"],
  ],
  "models import": [
    ["models import photo-torch.safetensors --out photo.safetensors", "weights that PyTorch wrote"],
  ],
  "export": [
    ["export photo --to onnx --out photo.onnx", "for any runtime of ONNX"],
    ["export photo --to safetensors --out photo-torch.safetensors", "for PyTorch"],
  ],
  "serve": [
    ["serve", "then open the address that it prints"],
    ["serve --export site/", "the page as files, for any web server"],
  ],
  "doctor": [
    ["doctor", "adapter, driver, limits"],
    ["doctor --json", "the same, as JSON"],
    ["doctor --tune", "finds the fastest kernels for the shipped model"],
  ],
  "completion": [
    ["completion bash > ~/.local/share/bash-completion/completions/clairnet", "bash"],
    ["completion zsh > ~/.zfunc/_clairnet", "zsh: a folder in your $fpath"],
    ["completion fish > ~/.config/fish/completions/clairnet.fish", "fish"],
  ],
};

/** The lines below a command's options, at most 80 columns; empty where there are no examples. */
export function exampleText(command: string): string {
  const examples = EXAMPLES[command] ?? [];
  if (examples.length === 0) return "";
  return ["", "Examples:", ...examples.flatMap(([call, purpose]) => [`  # ${purpose}`, `  clairnet ${call}`])]
    .join("\n");
}
