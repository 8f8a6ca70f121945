import { Complaint } from '../dockerfile/complaint.js'
import { CsvError, csvFields } from './csv-fields.js'
import { suggestion } from './suggest.js'

const TRUTHS: readonly string[] = ['1', 't', 'T', 'TRUE', 'true', 'True']
const FALSEHOODS: readonly string[] = ['0', 'f', 'F', 'FALSE', 'false', 'False']

/** Refuses a value of `RUN --device` that is not `name[,required]` with a `Complaint`. */
export function checkRunDevice(device: string): void {
  let name = ''
  for (const field of fieldsOf(device)) {
    const equals = field.indexOf('=')
    const key = (equals < 0 ? field : field.slice(0, equals)).toLowerCase()
    const value = equals < 0 ? undefined : field.slice(equals + 1)
    if (key === 'required') checkTruth(key, value)
    else if (key === 'name' && value !== undefined) {
      if (name !== '') throw complaint(`device name already set to ${name}`)
      name = value
    } else if (name === '') name = field
    else if (value === undefined) throw complaint(`invalid field '${field}' must be a key=value pair`)
    else {
      throw complaint(`unexpected key '${key}' in '${field}'${suggestion(key, ['name', 'required'])}`)
    }
  }
}

function checkTruth(key: string, value: string | undefined): void {
  if (value === undefined || TRUTHS.includes(value) || FALSEHOODS.includes(value)) return
  throw complaint(`invalid value for ${key}: ${value}`)
}

function fieldsOf(device: string): readonly string[] {
  try {
    return csvFields(device)
  } catch (error) {
    if (!(error instanceof CsvError)) throw error
    throw complaint(`failed to parse csv devices: ${error.message}`)
  }
}

function complaint(message: string): Complaint {
  return new Complaint('E_DF_FLAG', message, { hint: 'write --device=vendor.com/class=name,required' })
}
