/** A worker's own global scope, which the types of a page do not know. */
/// <reference lib="dom" />

export interface WorkerScope<Request, Reply> {
  onmessage: ((event: MessageEvent<Request>) => void) | null;
  postMessage(reply: Reply, transfer?: Transferable[]): void;
}

export function workerScope<Request, Reply>(): WorkerScope<Request, Reply> {
  return self as unknown as WorkerScope<Request, Reply>;
}

/** One line for a person, whatever was thrown. */
export function messageOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.replaceAll(/\s+/g, " ").trim() || "something failed that says nothing of itself";
}
