import './types.ts'
import './tenants.ts'
