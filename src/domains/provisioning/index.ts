import './clone-mutation.ts'
import './provision-mutation.ts'
