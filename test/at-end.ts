import { afterAll, onTestFinished } from 'vitest'

/** Cleans up after the test that runs, or, called at the top of a file, after the file. Not for hooks. */
export function atEnd(cleanUp: () => unknown): void {
  try {
    onTestFinished(async () => void (await cleanUp()))
  } catch {
    // No test runs. What afterAll is given while one does, or a hook, is never called.
    afterAll(async () => void (await cleanUp()))
  }
}
