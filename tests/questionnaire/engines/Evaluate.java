import java.io.BufferedReader;
import java.io.FileInputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

import org.javarosa.core.model.FormDef;
import org.javarosa.core.model.condition.EvaluationContext;
import org.javarosa.core.model.instance.InstanceInitializationFactory;
import org.javarosa.core.model.instance.TreeReference;
import org.javarosa.core.services.PropertyManager;
import org.javarosa.model.xform.XFormsModule;
import org.javarosa.model.xform.XPathReference;
import org.javarosa.xform.util.XFormUtils;
import org.javarosa.xpath.XPathParseTool;
import org.javarosa.xpath.expr.XPathExpression;
import org.javarosa.xpath.expr.XPathFuncExpr;

/** Evaluates expressions (standard input: one "context TAB expression" a line) over the form in the file given. */
public class Evaluate {
    public static void main(String[] arguments) throws Exception {
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        System.setOut(System.err); // JavaRosa talks on standard output
        PropertyManager.setPropertyManager(new org.opendatakit.validate.StubPropertyManager());
        new XFormsModule().registerModule();
        FormDef form = XFormUtils.getFormFromInputStream(new FileInputStream(arguments[0]));
        form.initialize(true, new InstanceInitializationFactory());
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line; (line = lines.readLine()) != null; ) {
            int tab = line.indexOf('\t');
            String result;
            try {
                TreeReference at = XPathReference.getPathExpr(line.substring(0, tab)).getReference();
                EvaluationContext context = new EvaluationContext(form.getEvaluationContext(), at);
                XPathExpression expression = XPathParseTool.parseXPath(line.substring(tab + 1));
                result = "=" + XPathFuncExpr.toString(
                        XPathFuncExpr.unpack(expression.eval(form.getMainInstance(), context)));
            } catch (Throwable trouble) {
                result = "!" + trouble.getClass().getSimpleName();
            }
            out.println(result.replace("\n", " "));
        }
    }
}
