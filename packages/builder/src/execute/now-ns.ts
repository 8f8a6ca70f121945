/** Now, in nanoseconds since 1970, exact to the millisecond. */
export function nowNs(): bigint {
  return BigInt(Date.now()) * 1_000_000n
}
