// Opens each file that a list names, one path a line, reads it to its end
// through one 256 KiB buffer, and closes it: the least that anything that
// looks at the bytes of those files can cost.
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static char path[1 << 16];
static char buffer[256 << 10];

static int fail(const char *what) {
  fprintf(stderr, "%s %s: %s\n", what, path, strerror(errno));
  return 1;
}

int main(int argc, char **argv) {
  FILE *list = argc == 2 ? fopen(argv[1], "r") : NULL;
  if (list == NULL) {
    fprintf(stderr, "usage: loop LIST\n");
    return 2;
  }
  long files = 0, bytes = 0;
  while (fgets(path, sizeof path, list) != NULL) {
    path[strcspn(path, "\n")] = 0;
    int fd = open(path, O_RDONLY);
    if (fd < 0) return fail("opening");
    ssize_t n;
    while ((n = read(fd, buffer, sizeof buffer)) > 0) bytes += n;
    if (n < 0) return fail("reading");
    close(fd);
    files++;
  }
  printf("%ld files, %ld bytes\n", files, bytes);
  return 0;
}
