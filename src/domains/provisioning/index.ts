import './clone-mutation.ts'
