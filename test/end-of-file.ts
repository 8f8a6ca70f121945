const cleanups: (() => unknown)[] = []

/** To be done after the last test of the file. It may be said at any time, while vitest takes no hook from a running test. */
export function atEndOfFile(cleanup: () => unknown): void {
  cleanups.push(cleanup)
}

/** Does it, the last first. Called by test/setup.ts. */
export async function endFile(): Promise<void> {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
}
