const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const CLOCK = String.raw`(?<hour>\d\d):(?<minute>\d\d):(?<second>\d\d)`
const FORMS = [
  // RFC 9110, 5.6.7: the form of today, and two that servers of old write.
  new RegExp(String.raw`^\w{3}, (?<day>\d\d) (?<month>\w{3}) (?<year>\d{4}) ${CLOCK} GMT$`),
  new RegExp(String.raw`^\w{6,9}, (?<day>\d\d)-(?<month>\w{3})-(?<year>\d\d) ${CLOCK} GMT$`),
  new RegExp(String.raw`^\w{3} (?<month>\w{3}) (?<day>[\d ]\d) ${CLOCK} (?<year>\d{4})$`),
]

/** Seconds since 1970 of a time in a header. Undefined for what is none of the forms of HTTP, as in Go. */
export function httpTime(text: string): number | undefined {
  for (const form of FORMS) {
    const { day, month = '', year = '', hour, minute, second } = form.exec(text)?.groups ?? {}
    if (day === undefined) continue
    const short = Number(year) + (year.length > 2 ? 0 : Number(year) < 69 ? 2000 : 1900)
    const index = MONTHS.indexOf(month)
    const time = new Date(0)
    time.setUTCFullYear(short, index, Number(day))
    time.setUTCHours(Number(hour), Number(minute), Number(second))
    const isWhole = time.getUTCDate() === Number(day) && time.getUTCSeconds() === Number(second)
    return index >= 0 && isWhole && Number(hour) < 24 && Number(minute) < 60
      ? time.getTime() / 1000
      : undefined
  }
  return undefined
}
