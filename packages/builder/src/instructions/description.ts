/** What a comment above FROM or ARG says of `name`: the rest of the first one that starts with it. */
export function descriptionOf(name: string, comments: readonly string[]): string {
  if (name === '') return ''
  const comment = comments.find((line) => line.startsWith(`${name} `))
  return comment === undefined ? '' : comment.slice(name.length + 1)
}
