import Glibc
import StepThrough

exit(walkthrough(arguments: Array(CommandLine.arguments.dropFirst())))
