/** The newest notes, at most `limit`. They live as long as the process. */
export function createNotes({ limit }) {
  const notes = []
  let next = 1
  return {
    all: () => notes,
    add(text) {
      const trimmed = text.trim()
      if (trimmed === '') return { error: 'a note needs text' }
      const note = { id: next, text: trimmed, at: new Date().toISOString() }
      next += 1
      notes.unshift(note)
      notes.length = Math.min(notes.length, limit)
      return note
    },
  }
}
