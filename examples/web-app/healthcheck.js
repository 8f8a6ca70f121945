// Asks the server for its health; the exit status is the answer. A slim base image has no curl to do it with.
const port = process.env.PORT ?? 8080
const response = await fetch(`http://127.0.0.1:${port}/health`).catch(() => undefined)
process.exit(response?.ok ? 0 : 1)
