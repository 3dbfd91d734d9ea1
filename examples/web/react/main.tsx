import { createRoot } from 'react-dom/client';
import { Photos } from './photos';

createRoot(document.getElementById('root')!).render(<Photos />);
