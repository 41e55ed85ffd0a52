/** Files that a person drops, pastes or chooses; folders are searched. */
/// <reference lib="dom" />
/// <reference lib="dom.asynciterable" />

const PHOTO_NAME = /\.(jpe?g|jfif|png|webp|avif|gif|bmp|tiff?|heic)$/i;

/** Whether a file looks like a photo. */
export function isPhoto(file: File): boolean {
  return file.type.startsWith("image/") || PHOTO_NAME.test(file.name);
}

/** Whether a file looks like a model. */
export function isModel(file: File): boolean {
  return file.name.endsWith(".safetensors");
}

/** All files of a drop or a paste, those in folders included, sorted by path. Call it while the event is handled. */
export async function filesOf(transfer: DataTransfer | null): Promise<File[]> {
  if (!transfer) return [];
  // Entries must be taken before the first await: afterwards the transfer is empty.
  const entries = [...transfer.items].filter(({ kind }) => kind === "file")
    .map((item) => item.webkitGetAsEntry() ?? item.getAsFile());
  const found: File[] = [];
  for (const entry of entries) {
    if (entry instanceof File) found.push(entry);
    else if (entry) await collect(entry, found);
  }
  return found;
}

async function collect(entry: FileSystemEntry, found: File[]): Promise<void> {
  if (entry.name.startsWith(".")) return;
  if (entry.isFile) {
    found.push(
      await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject)),
    );
    return;
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  // A reader gives at most a hundred entries at a time.
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject)
    );
    if (some.length === 0) return;
    for (const each of some.toSorted((a, b) => a.name < b.name ? -1 : 1)) await collect(each, found);
  }
}

/** Lets files be dropped on an element; `over` marks it while they hover. */
export function onDrop(
  element: HTMLElement | Document,
  handle: (files: File[]) => void,
  over: (is: boolean) => void,
): void {
  let depth = 0;
  const carriesFiles = (event: Event) => (event as DragEvent).dataTransfer?.types.includes("Files") ?? false;
  element.addEventListener("dragenter", (event) => {
    if (carriesFiles(event) && ++depth === 1) over(true);
  });
  element.addEventListener("dragleave", (event) => {
    if (carriesFiles(event) && --depth === 0) over(false);
  });
  element.addEventListener("dragover", (event) => {
    if (carriesFiles(event)) event.preventDefault();
  });
  element.addEventListener("drop", (event) => {
    depth = 0;
    over(false);
    // An element inside may have taken it already.
    if (!carriesFiles(event) || event.defaultPrevented) return;
    event.preventDefault();
    filesOf((event as DragEvent).dataTransfer).then(handle);
  });
}
