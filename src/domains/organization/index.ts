import './types.ts'
import './member-counts.ts'
import './mutations.ts'
import './settings-mutations.ts'
