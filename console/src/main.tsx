import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { BrowserRouter } from 'react-router-dom'
import { App } from './app.tsx'
import { applyTheme, chosenTheme } from './lib/theme.ts'
import './style.css'

applyTheme(chosenTheme())
const root = document.getElementById('root')
if (root) {
  createRoot(root).render(
    <StrictMode>
      <BrowserRouter basename={new URL(document.baseURI).pathname.replace(/\/$/, '')}>
        <App />
      </BrowserRouter>
    </StrictMode>,
  )
}
