import './types.ts'
import './mutations.ts'
import './viewer-lists.ts'
