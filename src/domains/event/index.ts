import './types.ts'
import './pull.ts'
import './live.ts'
