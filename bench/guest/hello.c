/// The program that the exec rows run: it does nothing but exit.
int main(void) { return 0; }
