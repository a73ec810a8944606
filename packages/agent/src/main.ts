import { keepCompiledCode } from './compile-cache.ts';

keepCompiledCode();
// Not awaited at the top, which the bundle, in CommonJS, could not do.
void import('./program.ts').then(({ runProgram }) => runProgram());
