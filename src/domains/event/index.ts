import './types.ts'
import './pull.ts'
