import './types.ts'
import './mutations.ts'
import './subscription.ts'
