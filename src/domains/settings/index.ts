import './types.ts'
import './inputs.ts'
