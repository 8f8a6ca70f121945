/** A secret of a build: its bytes, 500 KiB at most, or what gets them when they are first needed. */
export type Secret = Uint8Array | SecretLoader

/** Gets the value of a secret. It is told the id for its messages; its errors never hold the value. */
export interface SecretLoader {
  /** Says before a build begins that there is nothing to load. @throws E_SECRET_MISSING, E_SECRET_FILE, E_SECRET_SIZE */
  check(id: string): Promise<void>
  /** @throws as `check`, and the abort reason */
  load(id: string, signal?: AbortSignal): Promise<Uint8Array>
}

/** As in BuildKit. */
export const MAX_SECRET_BYTES: number = 500 * 1024
