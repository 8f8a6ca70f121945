/** What a cache mount may hold that is written to, or read from, a shared cache. */
export const MOUNT_LIMITS: { readonly bytes: number; readonly entries: number } = {
  /** Of the archive, uncompressed. */
  bytes: 16 * 2 ** 30,
  entries: 2_000_000,
}
