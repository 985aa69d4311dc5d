import './types.ts'
import './mutations.ts'
import './settings-mutations.ts'
