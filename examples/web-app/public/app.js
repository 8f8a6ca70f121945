const form = document.querySelector('form')
const list = document.querySelector('ol')

async function show() {
  const notes = await (await fetch('/api/notes')).json()
  list.replaceChildren(
    ...notes.map(({ text, at }) => {
      const item = document.createElement('li')
      item.textContent = text
      item.title = new Date(at).toLocaleString()
      return item
    }),
  )
}

form.addEventListener('submit', async (event) => {
  event.preventDefault()
  await fetch('/api/notes', { method: 'POST', body: new FormData(form).get('text') })
  form.reset()
  await show()
})

await show()
