/** Sizes beyond which a Dockerfile is refused instead of read. */
export const LIMITS: {
  readonly fileBytes: number
  readonly lineBytes: number
  readonly instructions: number
  readonly nesting: number
} = {
  /** The whole file, here-documents included. */
  fileBytes: 4 * 1024 * 1024,
  /** One line without its line end; the same number as BuildKit's. */
  lineBytes: 65_535,
  instructions: 100_000,
  /** `ONBUILD ONBUILD …`, which is read by recursion. */
  nesting: 200,
}
