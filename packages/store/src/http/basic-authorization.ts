/** RFC 7617, as a header's value. */
export function basicAuthorization(username: string, password: string): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`
}

/** The same of the user and password that stand in a URL; undefined when none do. */
export function urlAuthorization({ username, password }: URL): string | undefined {
  if (username === '' && password === '') return undefined
  return basicAuthorization(unescaped(username), unescaped(password))
}

/** What is no escape stands for itself. */
function unescaped(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch (error) {
    if (error instanceof URIError) return text
    throw error
  }
}
