/** The text in double quotes as Go's `time` package writes it: bytes outside of printable ASCII as `\xNN`. */
export function goQuoteAscii(text: string): string {
  let result = '"'
  for (const byte of Buffer.from(text)) {
    const character = String.fromCharCode(byte)
    if (byte < 0x20 || byte >= 0x80) result += `\\x${byte.toString(16).padStart(2, '0')}`
    else result += character === '"' || character === '\\' ? `\\${character}` : character
  }
  return `${result}"`
}
