function record() {}
