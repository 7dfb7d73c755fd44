/* Linux headers that Glibc's module leaves out, with the wrappers that macros need. */
#ifndef CLINUX_H
#define CLINUX_H
#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <time.h>
#endif
