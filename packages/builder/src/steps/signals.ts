const NAMES = new Set(
  (
    'ABRT ALRM BUS CHLD CLD CONT FPE HUP ILL INT IO IOT KILL PIPE POLL PROF PWR QUIT SEGV STKFLT STOP SYS TERM TRAP ' +
    'TSTP TTIN TTOU URG USR1 USR2 VTALRM WINCH XCPU XFSZ RTMIN RTMAX'
  ).split(' '),
)

/** RTMIN+1 to +15 and RTMAX-14 to -1: the thirty real-time signals between the two ends. */
const REAL_TIME = /^RTMIN\+(?:[1-9]|1[0-5])$|^RTMAX-(?:[1-9]|1[0-4])$/

const MOST = 2n ** 63n

/** A signal of Linux, with or without `SIG`, in any case; any whole number of 64 bits but 0 passes, as in Docker. */
export function isSignal(text: string): boolean {
  if (/^[+-]?\d{1,30}$/.test(text)) {
    const number = BigInt(text.replace('+', ''))
    return number !== 0n && number < MOST && number >= -MOST
  }
  const name = text.toUpperCase().replace(/^SIG/, '')
  return NAMES.has(name) || REAL_TIME.test(name)
}
