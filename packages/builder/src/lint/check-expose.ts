import type { CheckPlace, Checks } from './checks.js'

/** Judges one port of EXPOSE, expanded: `[[address:]port of the host:]port[/protocol]`. */
export function checkExpose(
  port: string,
  how: { readonly checks: Checks; readonly place: CheckPlace },
): void {
  const protocol = port.slice(port.lastIndexOf('/') + 1)
  if (port.includes('/') && protocol !== protocol.toLowerCase()) {
    const message = `Defined protocol '${port}' in EXPOSE instruction should be lowercase`
    how.checks.report('ExposeProtoCasing', message, how.place)
  }
  if (port.includes(':')) {
    const message = `EXPOSE instruction should not define an IP address or host-port mapping, found '${port}'`
    how.checks.report('ExposeInvalidFormat', message, how.place)
  }
}
