/** A number of JSON that JavaScript cannot hold as it was written (1e3, 0.5, 2^53+1): the text, so that nothing is lost. */
export class JsonNumber {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

export interface JsonObject {
  [name: string]: JsonValue
}

/** A value read from JSON. A `number` is always a whole one, and safe. */
export type JsonValue = null | boolean | number | string | JsonNumber | JsonValue[] | JsonObject

export function isJsonObject(value: unknown): value is JsonObject {
  return (
    typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof JsonNumber)
  )
}
