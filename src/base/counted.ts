/** How many of something, in words: `1 photo`, `3 photos`; with a plural of its own, `2 patches`. */
export function counted(count: number, noun: string, plural = `${noun}s`): string {
  return `${count} ${count === 1 ? noun : plural}`;
}
