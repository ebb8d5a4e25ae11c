// What lwIP wants to know about the compiler and the machine.
#ifndef STACKPROOF_LWIP_CC_H
#define STACKPROOF_LWIP_CC_H

#include <stdlib.h>
#include <sys/time.h>

#define LWIP_TIMEVAL_PRIVATE 0
#define LWIP_RAND() ((u32_t)rand())
// As in Debian's library, an error that lwIP can handle is handled, and does not end the program.
#define LWIP_ERROR(message, expression, handler) \
    do {                                         \
        if (!(expression)) {                     \
            handler;                             \
        }                                        \
    } while (0)

#endif
