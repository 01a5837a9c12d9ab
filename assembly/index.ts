export {csrPixels} from './csr-pixels';
