import { expect, it } from 'vitest'
import { chompHeredoc, heredocMarks, parseHeredocMark } from './heredoc.js'

it.each([
  ['<<EOF', { name: 'EOF', expand: true, chomp: false, fileDescriptor: 0 }],
  ['<<-EOF', { name: 'EOF', expand: true, chomp: true, fileDescriptor: 0 }],
  ['3<<"EOF"', { name: 'EOF', expand: false, chomp: false, fileDescriptor: 3 }],
  ["<<E'O'F", { name: 'EOF', expand: false, chomp: false, fileDescriptor: 0 }],
  ["<<e\\'f", { name: "e'f", expand: true, chomp: false, fileDescriptor: 0 }],
  ["<< 'a b'", { name: 'a b', expand: false, chomp: false, fileDescriptor: 0 }],
  ['<<$EOF', { name: '$EOF', expand: true, chomp: false, fileDescriptor: 0 }],
  ['<<\\EOF', { name: 'EOF', expand: true, chomp: false, fileDescriptor: 0 }],
])('%s announces a here-document', (word, mark) => {
  expect(parseHeredocMark(word)).toEqual(mark)
})

it.each(['<<', '<<-', '<<<EOF', 'a<<EOF', "<<'EOF", '<<a b', '<<""', '<<${', 'EOF', '"<<EOF"'])(
  '%s announces nothing',
  (word) => {
    expect(parseHeredocMark(word)).toBeUndefined()
  },
)

it('every unquoted mark of an instruction counts', () => {
  const names = heredocMarks('RUN <<A "<<B" \\<<C x 2<< D <<-E').map((mark) => mark.name)
  expect(names).toEqual(['A', 'D', 'E'])
})

it('an instruction with an open quote announces nothing', () => {
  expect(heredocMarks("RUN echo ' <<EOF")).toEqual([])
})

it('tabs at the start of lines go, other blanks and tabs stay', () => {
  expect(chompHeredoc('\t\ta\n\tb\tc\n \td\n\r\te\n')).toBe('a\nb\tc\n \td\n\r\te\n')
})
