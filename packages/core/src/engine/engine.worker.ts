// The file that the host names. From source it is this line; the build puts the whole engine in its place, in one file:
// a thread that loads a hundred modules one by one starts a tenth of a second later.
import './engine-thread.js';
