/** As many as images are made for, and as useradd gives. */
const COUNT = 65_536
/** Where useradd begins (SUB_UID_MIN of login.defs). */
const FIRST = 100_000

/** `first-last` of the lowest block of subordinate ids that no line of subuid(5) and subgid(5) has yet. */
export function freeIds({ subuid, subgid }: { readonly subuid: string; readonly subgid: string }): string {
  const taken = `${subuid}\n${subgid}`
    .split('\n')
    .flatMap((line) => {
      const [, start, count] = /^[^:]+:(\d+):(\d+)\s*$/.exec(line) ?? []
      return start === undefined ? [] : [{ start: Number(start), end: Number(start) + Number(count) }]
    })
    .sort((one, other) => one.start - other.start)
  let first = FIRST
  for (const { start, end } of taken) if (start < first + COUNT) first = Math.max(first, end)
  return `${first}-${first + COUNT - 1}`
}
