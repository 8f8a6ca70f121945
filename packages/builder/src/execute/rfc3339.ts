/** Whole seconds since 1970 as Go writes a time in UTC: no fraction when there is none. */
export function rfc3339(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace(/\.000Z$/, 'Z')
}
