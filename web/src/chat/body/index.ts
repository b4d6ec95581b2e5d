export { Body } from './Body';
