var ot=(r,e)=>(e=Symbol[r])?e:Symbol.for("Symbol."+r),nt=r=>{throw TypeError(r)};var ae=(r,e,t)=>{if(e!=null){typeof e!="object"&&typeof e!="function"&&nt("Object expected");var a,o;t&&(a=e[ot("asyncDispose")]),a===void 0&&(a=e[ot("dispose")],t&&(o=a)),typeof a!="function"&&nt("Object not disposable"),o&&(a=function(){try{o.call(this)}catch(n){return Promise.reject(n)}}),r.push([t,a,e])}else t&&r.push([t]);return e},he=(r,e,t)=>{var a=typeof SuppressedError=="function"?SuppressedError:function(s,i,c,d){return d=Error(c),d.name="SuppressedError",d.error=s,d.suppressed=i,d},o=s=>e=t?new a(s,e,"An error was suppressed during disposal"):(t=!0,s),n=s=>{for(;s=r.pop();)try{var i=s[1]&&s[1].call(s[2]);if(s[0])return Promise.resolve(i).then(n,c=>(o(c),n()))}catch(c){o(c)}if(t)throw e};return n()};var _=class extends Error{name="UserError";constructor(e,t){super(e,t),this.exitCode=t?.exitCode??1}exitCode};var st="0.1.0";var J=class{#e;constructor(...e){let t=2654435769;this.#e=new Uint32Array(4);let a=e.flatMap(o=>[o>>>0,Math.floor(o/2**32)>>>0]);for(let o of a)t=it(t^o);for(let o=0;o<4;o++)this.#e[o]=t=it(t+2654435769>>>0);this.#e[0]|=1}uint32(){let e=this.#e,t=Math.imul(e[1],5),a=Math.imul(t<<7|t>>>25,9)>>>0,o=e[1]<<9;return e[2]^=e[0],e[3]^=e[1],e[1]^=e[2],e[0]^=e[3],e[2]^=o,e[3]=e[3]<<11|e[3]>>>21,a}uniform(){return this.uint32()/2**32}between(e,t){return e+(t-e)*this.uniform()}below(e){return Math.floor(this.uniform()*e)}normal(){return Math.sqrt(-2*Math.log(1-this.uniform()))*Math.cos(2*Math.PI*this.uniform())}shuffled(e){let t=[...e];for(let a=t.length-1;a>0;a--){let o=this.below(a+1);[t[a],t[o]]=[t[o],t[a]]}return t}};function it(r){let e=Math.imul(r^r>>>16,2246822507);return e=Math.imul(e^e>>>13,3266489909),(e^e>>>16)>>>0}function ge(r,e,t,a){let o=new Uint8Array(a.width*a.height*3),n=a.left>=0&&a.left+a.width<=e;for(let s=0;s<a.height;s++){let i=lt(a.top+s,t)*e*3,c=s*a.width*3;if(n){o.set(r.subarray(i+a.left*3,i+(a.left+a.width)*3),c);continue}for(let d=0;d<a.width;d++){let l=i+lt(a.left+d,e)*3;for(let p=0;p<3;p++)o[c+d*3+p]=r[l+p]}}return o}function lt(r,e){let t=Math.max(2*(e-1),1),a=(r%t+t)%t;return a<e?a:t-a}function oe(r,e,t,a,o){let{rgb:n,width:s,left:i,top:c}=a,[d,l]=o&4?[s*3,3]:[3,s*3],p=o&1?-d:d,u=o&2?-l:l,m=(c*s+i)*3+(o&1?d*(t-1):0)+(o&2?l*(t-1):0),y=e;for(let h=0;h<t;h++){let f=m+h*u;for(let w=0;w<t;w++,f+=p,y+=3)r[y]=n[f]/255,r[y+1]=n[f+1]/255,r[y+2]=n[f+2]/255}}function Fe(r){let e=Math.ceil(3*r),t=new Float64Array(e+1),a=0;for(let o=0;o<=e;o++)t[o]=o===0?1:Math.exp(-(o*o)/(2*r*r)),a+=o===0?t[o]:2*t[o];return t.map(o=>o/a)}function ye(r,e,t,a){let o=Fe(a),n=o.length-1;if(n===0)return;let s=e*3,i=new Float32Array(s+n*6);for(let d=0;d<t;d++){let l=d*s,p=l+s-3;i.set(r.subarray(l,l+s),n*3);for(let u=0;u<n*3;u++)i[u]=r[l+u%3],i[n*3+s+u]=r[p+u%3];for(let u=0;u<s;u++){let m=u+n*3,y=o[0]*i[m];for(let h=1;h<=n;h++)y+=o[h]*(i[m-3*h]+i[m+3*h]);r[l+u]=y}}let c=r.slice();for(let d=0;d<t;d++){let l=d*s;for(let p=0;p<s;p++)r[l+p]=o[0]*c[l+p];for(let p=1;p<=n;p++){let u=Math.max(d-p,0)*s,m=Math.min(d+p,t-1)*s,y=o[p];for(let h=0;h<s;h++)r[l+h]+=y*(c[u+h]+c[m+h])}}}async function ct(r,e,t,a){let{OffscreenCanvas:o}=globalThis,n=o&&new o(e,t),s=n?.getContext("2d",{willReadFrequently:!0});if(!n||!s)throw new _("Cannot degrade through JPEG: no codec was given, and there is no canvas to do it");let i=new Uint8ClampedArray(e*t*4).fill(255);for(let u=0,m=0;u<r.length;u+=3,m+=4)i[m]=r[u],i[m+1]=r[u+1],i[m+2]=r[u+2];s.putImageData(new ImageData(i,e,t),0,0);let c=await n.convertToBlob({type:"image/jpeg",quality:a/100}),d=await createImageBitmap(c,{colorSpaceConversion:"none"});s.drawImage(d,0,0),d.close();let{data:l}=s.getImageData(0,0,e,t),p=new Uint8Array(e*t*3);for(let u=0,m=0;m<p.length;u+=4,m+=3)p[m]=l[u],p[m+1]=l[u+1],p[m+2]=l[u+2];return p}var Y=65536,Ie;function kr(){if(Ie)return Ie;let r=new Float32Array(Y),e=0;for(let a=0;a<Y/2;a++){let o=Ar((a+.5)/Y);e+=2*o*o,r[a]=o}let t=Math.sqrt(Y/e);for(let a=0;a<Y/2;a++)r[a]*=t,r[Y-1-a]=-r[a];return Ie=r}function Ar(r){if(r<.02425){let a=Math.sqrt(-2*Math.log(r));return(((((-.007784894002430293*a-.3223964580411365)*a-2.400758277161838)*a-2.549732539343734)*a+4.374664141464968)*a+2.938163982698783)/((((.007784695709041462*a+.3224671290700398)*a+2.445134137142996)*a+3.754408661907416)*a+1)}let e=r-.5,t=e*e;return(((((-39.69683028665376*t+220.9460984245205)*t-275.9285104469687)*t+138.357751867269)*t-30.66479806614716)*t+2.506628277459239)*e/(((((-54.47609879822406*t+161.5858368580409)*t-155.6989798598866)*t+66.80131188771972)*t-13.28068155288572)*t+1)}function Be(r,e,t){if(e===0)return;let a=kr();for(let o=0;o<r.length;o+=2){let n=t.uint32();r[o]+=e*a[n&65535],o+1<r.length&&(r[o+1]+=e*a[n>>>16])}}var dt=4;function pt(r,e,t,a,o){if(a===0)return;let n=o.between(.4,1.2),s=o.uniform(),i=new Float32Array(r.length);Be(i,1,o);for(let l=0;l<i.length;l+=3){let p=i[l];for(let u of[1,2])i[l+u]=Math.sqrt(s)*p+Math.sqrt(1-s)*i[l+u]}ye(i,e,t,n);let d=Fe(n).reduce((l,p,u)=>l+(u===0?1:2)*p*p,0);for(let l=0;l<r.length;l++)r[l]+=a/d*i[l]}function ut(r,e,t){let a=e*4294967296,o=a/2;for(let n=0;n<r.length;n+=3){let s=t.uint32();s<a&&(r[n]=r[n+1]=r[n+2]=s<o?0:255)}}function Sr(r){let e=Math.abs(r);return e<=1?(1.5*e-2.5)*e*e+1:e<2?((-.5*e+2.5)*e-4)*e+2:0}function mt(r,e){let t=r/e,a=Math.max(t,1),o=Math.ceil(4*a)+1,n=new Int32Array(e*o),s=new Float64Array(e*o);for(let i=0;i<e;i++){let c=(i+.5)*t-.5,d=Math.ceil(c-2*a),l=0;for(let p=0;p<o;p++){let u=Sr((d+p-c)/a);n[i*o+p]=Pr(d+p,r),s[i*o+p]=u,l+=u}for(let p=0;p<o;p++)s[i*o+p]/=l}return{positions:n,weights:s,count:o}}function Pr(r,e){let t=2*e,a=(r%t+t)%t;return a<e?a:t-1-a}function we(r,e,t,a,o,n=3){let s=mt(e,a),i=new Float32Array(t*a*n);for(let p=0;p<t;p++){let u=p*e;for(let m=0;m<a;m++){let y=(p*a+m)*n;for(let h=0;h<n;h++){let f=0;for(let w=m*s.count,b=w+s.count;w<b;w++)f+=s.weights[w]*r[(u+s.positions[w])*n+h];i[y+h]=f}}}let c=mt(t,o),d=new Float32Array(o*a*n),l=a*n;for(let p=0;p<o;p++)for(let u=p*c.count,m=u+c.count;u<m;u++){let y=c.positions[u]*l,h=c.weights[u];for(let f=0,w=p*l;f<l;f++)d[w+f]+=h*i[y+f]}return d}async function ht(r,e,t,a,o,n=ct){if(r.length!==e*t*3)throw new RangeError(`Cannot degrade: ${r.length} samples are not ${e}×${t} RGB pixels`);if(a.length===0)return r.slice();let s=Float32Array.from(r),[i,c]=[e,t];for(let{name:d,strength:l}of a)if(d==="blur")ye(s,i,c,l);else if(d==="gaussian")Be(s,l,o);else if(d==="grain")pt(s,i,c,l,o);else if(d==="salt-pepper")ut(s,l,o);else if(d==="jpeg")s=Float32Array.from(await n(ft(s),i,c,l));else if(d==="downscale")s=Tr(s,i,c,l);else{if(i%l||c%l)throw new RangeError(`Cannot shrink ${i}×${c} by ${l}`);s=we(s,i,c,i/l,c/l),[i,c]=[i/l,c/l]}return ft(s)}function gt(r){let e=0,t=1;for(let{name:a,strength:o}of r)a==="blur"?e+=t*Math.ceil(3*o):a==="grain"?e+=t*dt:a==="jpeg"?e+=t*16:a==="downscale"&&o>1?e+=t*Math.ceil(4*o):a==="shrink"&&(e+=t*2*o,t*=o);return Math.ceil(e/t)*t}function ft(r){return new Uint8Array(Uint8ClampedArray.from(r).buffer)}function Tr(r,e,t,a){let o=Math.max(1,Math.round(e/a)),n=Math.max(1,Math.round(t/a)),s=we(r,e,t,o,n);return we(s,o,n,e,t)}var Rr=2,Mr=20,ne=class{#e;#r;#t;#o;constructor(e,t){let{patch:a,batch:o}=t;if(!(Number.isInteger(a)&&a>0&&Number.isInteger(o)&&o>0))throw new RangeError(`Cannot cut patches: ${o} of ${a} pixels is not a batch`);if(!t.recipe&&!e.paired)throw new _("Plain photos need a degradation recipe: give one, e.g. --degrade photo");if(this.#e=e,this.#r=t,this.#t=t.indices??e.photos.map((s,i)=>i),this.#t.length===0)throw new _("There is no photo to cut patches from: give more photos");let n=0;this.#o=Float64Array.from(this.#t,s=>{let{width:i,height:c}=e.photos[s];return n+=i*c})}async batch(e){let{batch:t,patch:a}=this.#r,o=new Float32Array(t*a*a*3),n=new Float32Array(o.length*(this.#r.recipe?.scale??1)**2),s=Array.from({length:t},(i,c)=>this.#a(e,c,o,n));return await Promise.all(s),{input:o,target:n}}async#a(e,t,a,o){let{seed:n,batch:s,patch:i,recipe:c,jpeg:d,onto:l="high",augment:p=!0}=this.#r,u=c?.scale??1,m=i*u,y=new J(n,e,t),{index:h,high:f,low:w}=await this.#n(y,e*s+t),{width:b,height:g}=this.#e.photos[h],k=Array.from({length:p?Rr:1},()=>({left:u*y.below(Math.floor(Math.max(b-m,0)/u)+1),top:u*y.below(Math.floor(Math.max(g-m,0)/u)+1)})),{left:S,top:B}=$r(f,b,g,m,k),D=p?y.below(8):0,C=t*i*i*3;if(!c){let L=_r=>ge(_r,b,g,{left:S,top:B,width:i,height:i});oe(a,C,i,{rgb:L(w),width:i,left:0,top:0},D),oe(o,C,i,{rgb:L(f),width:i,left:0,top:0},D);return}let T=c.sample(y),$=gt(T),z=T.some(({name:L})=>L==="jpeg")?16:1,ee=Math.max(S-$+u*y.below(z),0),te=Math.max(B-$+u*y.below(z),0),re=L=>Math.max(L-L%u,m),Ue=Math.min(S+m+$,re(b)),Ce=Math.min(B+m+$,re(g)),V={left:ee,top:te,width:Ue-ee,height:Ce-te},at=ge(f,b,g,V),vr=l==="low"&&w?ge(w,b,g,V):at,br=await ht(vr,V.width,V.height,T,y,d),Ge={left:S-ee,top:B-te};oe(o,C*u**2,m,{rgb:at,width:V.width,...Ge},D);let xr={width:V.width/u,left:Ge.left/u,top:Ge.top/u};oe(a,C,i,{rgb:br,...xr},D)}async#n(e,t){for(let a=0;;a++){let o=this.#r.choose==="each"?(t+a)%this.#t.length:this.#s(e.uniform()),n=this.#t[o];try{return{index:n,...await this.#e.load(n)}}catch(s){if(!(s instanceof _)||a===Mr)throw s}}}#s(e){let t=e*this.#o[this.#o.length-1],a=0,o=this.#o.length-1;for(;a<o;){let n=a+o>>1;this.#o[n]>t?o=n:a=n+1}return a}};function $r(r,e,t,a,o){let n=({left:i,top:c})=>{let d=0;for(let l=c;l<Math.min(c+a,t);l+=4)for(let p=i;p+1<Math.min(i+a,e);p+=4){let u=(l*e+p)*3+1;d+=Math.abs(r[u]-r[u+3])}return d},s=o.map(n);return o[s.indexOf(Math.max(...s))]}var Or=2**40;function yt(r,e){let{count:t,size:a,seed:o,indices:n,recipe:s,jpeg:i,onto:c}=e;return new ne(r,{patch:a,batch:t,seed:o,indices:n,recipe:s,jpeg:i,onto:c,augment:!1,choose:"each"}).batch(Or)}function wt(r,e,t){if(!(e>=0&&e<1))throw new RangeError(`Cannot split: the held-out share must be in 0..1, got ${e}`);let a=r.map((c,d)=>d);if(e===0)return{train:a,validation:[]};if(r.length<=1)return{train:a,validation:a};let o=Math.min(Math.max(Math.round(e*r.length),1),r.length-1),n=r.map(({name:c})=>Er(c,t)),s=a.toSorted((c,d)=>n[c]-n[d]||c-d),i=new Set(s.slice(0,o));return{train:a.filter(c=>!i.has(c)),validation:a.filter(c=>i.has(c))}}function Er(r,e){let t=2166136261^e;for(let a=0;a<r.length;a++)t=Math.imul(t^r.charCodeAt(a),16777619);return t=Math.imul(t^t>>>16,2246822507),t=Math.imul(t^t>>>13,3266489909),(t^t>>>16)>>>0}var Ke={blur:{low:0,high:20,meaning:"sigma in pixels",example:"blur:0.5-2"},gaussian:{low:0,high:255,meaning:"sigma of the noise",example:"gaussian:25"},grain:{low:0,high:255,meaning:"sigma of coarse noise",example:"grain:10"},"salt-pepper":{low:0,high:1,meaning:"share of the pixels",example:"salt-pepper:0.01"},jpeg:{low:1,high:100,meaning:"quality",example:"jpeg:30-90"},downscale:{low:1,high:16,meaning:"factor",example:"downscale:2"},shrink:{low:2,high:4,meaning:"whole factor, the photo stays small",example:"shrink:2"}},ve={none:"none",trial1:"none",trial2:"blur:1-2",trial3:"salt-pepper:0.02,blur:2-3",trial4:"salt-pepper:0-0.01,blur:0.5-1.5 | blur:0.5-1.5,salt-pepper:0-0.02 | mix(blur:0.5-1.5,salt-pepper:0-0.02,gaussian:0-15)",photo:"6*mix(blur:0-2*2,gaussian:0-30*5,salt-pepper:0-0.03,jpeg:25-100*2) | 2*gaussian:10-30 | 2*salt-pepper:0-0.03,blur:0.5-2 | blur:0-2,salt-pepper:0-0.03"},Nr=.1,Ur=.2,Cr=.75;function vt(r){let e=r.trim(),a=(Object.hasOwn(ve,e)?ve[e]:e).split("|").map(i=>Gr(i.trim(),r)),o=Fr(a.map(({items:i})=>i),r),n=a.reduce((i,{weight:c})=>i+c,0),s=a.map(({weight:i,items:c})=>`${i===1?"":`${se(i)}*`}${Dr(c)}`).join(" | ");return{name:Object.hasOwn(ve,e)?e:s,text:s,scale:o,sample:i=>{let c=a.length>1?i.uniform()*n:0,{items:d}=a.find(({weight:l})=>(c-=l)<0)??a[a.length-1];return d.flatMap(l=>"mix"in l?Ir(l.mix,i):bt(l.step,i))}}}function Gr(r,e){let t=r.match(/^(\d*\.?\d+)\s*\*\s*(.*)$/),a=t?Number(t[1]):1;if(a===0)throw N(e,`'${r}' has the weight 0`);let o=t?t[2]:r;return{weight:a,items:o==="none"?[]:xt(o,e).map(n=>Br(n,e))}}function Fr(r,e){let t=r.map(a=>a.reduce((o,n)=>{if("mix"in n){if(n.mix.some(({name:d})=>d==="shrink"))throw N(e,"a mix cannot shrink the photo");return o}let{name:s,low:i,high:c}=n.step;if(s!=="shrink")return o;if(i!==c||!Number.isInteger(i))throw N(e,"shrink takes one whole factor");return o*i},1));if(new Set(t).size>1)throw N(e,"its alternatives shrink the photo differently");return t[0]}function bt({name:r,low:e,high:t},a){let o=a.between(e,t);return{name:r,strength:r==="jpeg"?Math.round(o):o}}function Ir(r,e){if(e.uniform()<Nr)return[];let t=e.uniform()*r.reduce((i,{weight:c})=>i+c,0),a=r.findIndex(({weight:i})=>(t-=i)<0),o=a<0?r.length-1:a,n=e.shuffled(r.filter((i,c)=>c===o||e.uniform()<Ur)),s=n.findIndex(i=>i.name==="jpeg");return s>=0&&e.uniform()<Cr&&n.push(...n.splice(s,1)),n.map(i=>bt(i,e))}function xt(r,e){let t=r.match(/(?:[^,()]|\([^()]*\))+/g)??[];if(r.trim()==="")throw N(e,"it is empty or has an empty mix");if(t.join(",")!==r)throw N(e,"a comma or a bracket is misplaced");return t.map(a=>a.trim())}function Br(r,e){let t=r.match(/^mix\((.*)\)$/);return t?{mix:xt(t[1],e).map(a=>{let o=a.match(/^(.*?)\s*\*\s*(\d*\.?\d+)$/);if(!o)return De(a,e);let n=Number(o[2]);if(n===0)throw N(e,`'${a}' has the weight 0`);return{...De(o[1],e),weight:n}})}:{step:De(r,e)}}function De(r,e){let t=r.match(/^([a-z-]+)\s*:\s*(\d*\.?\d+)(?:\s*-\s*(\d*\.?\d+))?$/);if(!t)throw N(e,`'${r}' is not NAME:STRENGTH or NAME:LOW-HIGH`);let[,a,o,n=o]=t;if(!Object.hasOwn(Ke,a))throw N(e,`there is no step '${a}'`);let s=Ke[a],i=Number(o),c=Number(n);if(i>c)throw N(e,`'${r}' has its range the wrong way round`);if(i<s.low||c>s.high)throw N(e,`'${r}' is outside ${s.low}..${s.high} (${s.meaning})`);return{name:a,low:i,high:c,weight:1}}function Dr(r){let e=({name:t,low:a,high:o,weight:n})=>`${t}:${a===o?se(a):`${se(a)}-${se(o)}`}${n===1?"":`*${se(n)}`}`;return r.map(t=>"mix"in t?`mix(${t.mix.map(e).join(",")})`:e(t.step)).join(",")||"none"}function se(r){return String(r).includes("e")?r.toFixed(20).replace(/\.?0+$/,""):String(r)}function N(r,e){let t=Object.values(Ke).map(({example:a,meaning:o,low:n,high:s})=>`${a} (${o}, ${n}..${s})`);return new _(`Cannot read the degradation recipe '${r}': ${e}; steps are ${t.join(", ")}, joined by commas, as mix(...) or as alternatives parted by |; presets are ${Object.keys(ve).join(", ")}`,{exitCode:2})}var v=class extends Error{name="GpuError"},E=class extends v{name="GpuOutOfMemoryError"},j=class extends v{name="GpuLostError"};var ze={activation:`// Included by kernels that fuse an activation: 0 none, 1 relu, 2 leaky relu with slope 0.1 (LEAKY_SLOPE in src/nn/topology.ts).
override ACTIVATION: u32 = 0u;

fn activate_as(v: vec4f, kind: u32) -> vec4f {
  if (kind == 1u) { return max(v, vec4f()); }
  if (kind == 2u) { return max(v, 0.1 * v); }
  return v;
}

// Derivative of the activation, from its value y = activate(v): both kinds keep the sign of v.
fn slope_as(y: vec4f, kind: u32) -> vec4f {
  if (kind == 1u) { return select(vec4f(), vec4f(1.0), y > vec4f()); }
  if (kind == 2u) { return select(vec4f(0.1), vec4f(1.0), y > vec4f()); }
  return vec4f(1.0);
}

fn activate(v: vec4f) -> vec4f { return activate_as(v, ACTIVATION); }

fn activation_slope(y: vec4f) -> vec4f { return slope_as(y, ACTIVATION); }
`,adam:`// Adam with bias correction (Kingma and Ba 2015), decoupled weight decay (Loshchilov and Hutter 2019), clipping of the gradient's
// global norm (Pascanu et al. 2013) and an exponential moving average of the weights, elementwise over all parameters:
//   g ← g · min(1, max_norm / ‖g‖); m ← β₁m + (1-β₁)g; v ← β₂v + (1-β₂)g²;
//   p ← p - lr · (m · correction₁ / (√(v · correction₂) + ε) + decay · p); average ← average + (1-ema) · (p - average)
// where correctionᵢ = 1 / (1 - βᵢᵗ). p, g, m, v, average: [count] vec4 f32; norm: ‖g‖² in x. An invocation owns one vec4.
struct Params { count: i32 }
struct Step {
  learning_rate: f32, beta1: f32, beta2: f32, epsilon: f32,
  correction1: f32, correction2: f32, decay: f32, max_norm: f32,
  ema: f32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<uniform> now: Step;
@group(0) @binding(2) var<storage, read> g: array<vec4f>;
@group(0) @binding(3) var<storage, read> norm: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> p: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> m: array<vec4f>;
@group(0) @binding(6) var<storage, read_write> v: array<vec4f>;
@group(0) @binding(7) var<storage, read_write> average: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.count) { return; }
  let norm_root = sqrt(norm[0].x);
  var scale = 1.0;
  if (now.max_norm > 0.0 && norm_root > now.max_norm) { scale = now.max_norm / norm_root; }
  let gradient = g[index] * scale;
  let first = fma(vec4f(1.0 - now.beta1), gradient - m[index], m[index]);
  let second = fma(vec4f(1.0 - now.beta2), gradient * gradient - v[index], v[index]);
  m[index] = first;
  v[index] = second;
  let before = p[index];
  let update = first * now.correction1 / (sqrt(second * now.correction2) + vec4f(now.epsilon)) + now.decay * before;
  let after = before - now.learning_rate * update;
  p[index] = after;
  average[index] = fma(vec4f(1.0 - now.ema), after - average[index], average[index]);
}
`,add:`// Residual add: y = a + b, elementwise over vec4 f32. An invocation owns one vec4.
struct Params { count: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> a: array<vec4f>;
@group(0) @binding(2) var<storage, read> b: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> y: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.count) { return; }
  y[index] = a[index] + b[index];
}
`,add_grad:`// Gradient of a residual add, for one of its terms x: dx = activation_slope(x) * dy, elementwise over vec4 f32;
// added to what dx holds when params.accumulate is set. An invocation owns one vec4.
struct Params { count: i32, accumulate: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> dy: array<vec4f>;
@group(0) @binding(2) var<storage, read> activated: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> dx: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.count) { return; }
  var gradient = dy[index] * activation_slope(activated[index]);
  if (params.accumulate != 0) { gradient += dx[index]; }
  dx[index] = gradient;
}
`,bias_grad:`// Bias gradient: db[o] = sum over n,y,x of dy[n,y,x,o].
// dy: [pixels][out4] vec4 f32, partials: [slices][out4] vec4; sum_slices adds the slices in order.
// An invocation owns four outputs and one slice of the pixels.
struct Params { pixels: i32, out4: i32, slices: i32, slice_pixels: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> dy: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> partials: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.out4 * params.slices) { return; }
  let o = index % params.out4;
  let slice = index / params.out4;
  let end = min((slice + 1) * params.slice_pixels, params.pixels);
  var sum = vec4f();
  for (var pixel = slice * params.slice_pixels; pixel < end; pixel++) { sum += dy[pixel * params.out4 + o]; }
  partials[index] = sum;
}
`,conv2d_input_grad_naive:`// Input gradient of a k×k convolution, any stride:
// dx[n,y,x,c] = activation_slope(x) * sum over ky,kx,o of w[ky,kx,c,o] * dy[n, (y+r-ky)/stride, (x+r-kx)/stride, o], where the division is exact.
// dy: [N,OH,OW,4·out4] f32, w: [k·k][4·in4][out4] vec4, dx: [N,H,W,4·target4] f32 for the inputs 4·first4 .. 4·(first4 + target4);
// added to what dx holds when params.accumulate is set. An invocation owns one pixel by four inputs.
struct Params {
  batch: i32, height: i32, width: i32, out_height: i32, out_width: i32,
  in4: i32, out4: i32, target4: i32, first4: i32, kernel: i32, stride: i32, accumulate: i32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> dy: array<vec4f>;
@group(0) @binding(2) var<storage, read> w: array<vec4f>;
@group(0) @binding(3) var<storage, read> activated: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> dx: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.batch * params.height * params.width * params.target4) { return; }
  let c = index % params.target4;
  let pixel = index / params.target4;
  let column = pixel % params.width;
  let row = (pixel / params.width) % params.height;
  let n = pixel / (params.width * params.height);
  let radius = (params.kernel - 1) / 2;
  var sum = vec4f();
  for (var ky = 0; ky < params.kernel; ky++) {
    let up = row + radius - ky;
    let out_row = up / params.stride;
    if (up < 0 || out_row * params.stride != up || out_row >= params.out_height) { continue; }
    for (var kx = 0; kx < params.kernel; kx++) {
      let across = column + radius - kx;
      let out_column = across / params.stride;
      if (across < 0 || out_column * params.stride != across || out_column >= params.out_width) { continue; }
      let at = ((n * params.out_height + out_row) * params.out_width + out_column) * params.out4;
      let tap = ((ky * params.kernel + kx) * params.in4 + params.first4 + c) * 4 * params.out4;
      for (var o = 0; o < params.out4; o++) {
        let d = dy[at + o];
        sum += vec4f(
          dot(w[tap + o], d), dot(w[tap + params.out4 + o], d),
          dot(w[tap + 2 * params.out4 + o], d), dot(w[tap + 3 * params.out4 + o], d),
        );
      }
    }
  }
  sum *= activation_slope(activated[index]);
  if (params.accumulate != 0) { sum += dx[index]; }
  dx[index] = sum;
}
`,conv2d_naive:`// Convolution k×k ('same', kernel centred on (y·stride, x·stride)): the readable version, and the one for 1×1, stride 2 and wide layers.
// y[n,y,x,:] = activate(bias + sum over ky,kx,c of x[n, y·stride+ky-r, x·stride+kx-r, c] * w[ky,kx,c,:]), r = (k-1)/2.
// x: sources a and b joined along the channels, [N,H,W,4·(a4|b4)] f32 (a of half the size when params.a_shift = 1),
// w: [k·k][4·in4][out4] vec4 over outputs, bias: [out4] vec4, y: [N,OH,OW,4·out4] f32. An invocation owns one pixel by four outputs.
struct Params {
  batch: i32, height: i32, width: i32, out_height: i32, out_width: i32,
  a4: i32, b4: i32, a_shift: u32, out4: i32, kernel: i32, stride: i32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> a: array<vec4f>;
@group(0) @binding(2) var<storage, read> b: array<vec4f>;
@group(0) @binding(3) var<storage, read> w: array<vec4f>;
@group(0) @binding(4) var<storage, read> bias: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> y: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.batch * params.out_height * params.out_width * params.out4) { return; }
  let o = index % params.out4;
  let pixel = index / params.out4;
  let column = pixel % params.out_width;
  let row = (pixel / params.out_width) % params.out_height;
  let n = pixel / (params.out_width * params.out_height);
  let radius = (params.kernel - 1) / 2;
  let in4 = params.a4 + params.b4;
  var sum = bias[o];
  for (var ky = 0; ky < params.kernel; ky++) {
    let source_row = row * params.stride + ky - radius;
    if (source_row < 0 || source_row >= params.height) { continue; }
    for (var kx = 0; kx < params.kernel; kx++) {
      let source_column = column * params.stride + kx - radius;
      if (source_column < 0 || source_column >= params.width) { continue; }
      let shift = params.a_shift;
      let at_a = ((n * (params.height >> shift) + (source_row >> shift)) * (params.width >> shift) + (source_column >> shift)) * params.a4;
      let at_b = ((n * params.height + source_row) * params.width + source_column) * params.b4;
      let tap = (ky * params.kernel + kx) * in4 * 4 * params.out4 + o;
      for (var c = 0; c < in4; c++) {
        var v: vec4f;
        if (c < params.a4) { v = a[at_a + c]; } else { v = b[at_b + c - params.a4]; }
        let t = tap + c * 4 * params.out4;
        sum = fma(vec4f(v.x), w[t], sum);
        sum = fma(vec4f(v.y), w[t + params.out4], sum);
        sum = fma(vec4f(v.z), w[t + 2 * params.out4], sum);
        sum = fma(vec4f(v.w), w[t + 3 * params.out4], sum);
      }
    }
  }
  y[index] = activate(sum);
}
`,conv2d_pack:`// Rearranges the weights of a 3×3 convolution for conv2d_tile8.
// weight: [9 taps][4·in4 inputs][out4] vec4 over outputs, f32, padded with zeros; bias: [out4] vec4.
// packed: blocks of 8 outputs, \`params.block_vec4s\` apart: [9 taps][source4][4][2] vec4, then 2 vec4 of bias.
// FORWARD 1: as they are. FORWARD 0: for the input gradient of inputs 4·first4 .. 4·(first4 + target4): the taps turned by 180°,
// inputs and outputs exchanged, bias zero. An invocation writes one vec4.
struct Params { in4: i32, out4: i32, source4: i32, target4: i32, first4: i32, block_vec4s: i32, count: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> weight: array<vec4f>;
@group(0) @binding(2) var<storage, read> bias: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> packed: array<vec4f>;

override FORWARD: u32 = 1u;

fn turned(tap: i32, input: i32, output: i32) -> f32 {
  return weight[((8 - tap) * params.in4 * 4 + params.first4 * 4 + input) * params.out4 + output / 4][output % 4];
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.count) { return; }
  let block = index / params.block_vec4s;
  let inner = index % params.block_vec4s;
  let target_vec = block * 2 + inner % 2;
  var value = vec4f();
  if (target_vec < params.target4) {
    if (inner < 72 * params.source4) {
      let source = (inner / 2) % (params.source4 * 4);
      let tap = inner / (8 * params.source4);
      if (FORWARD == 1u) {
        value = weight[(tap * params.in4 * 4 + source) * params.out4 + target_vec];
      } else {
        let first = target_vec * 4;
        value = vec4f(
          turned(tap, first, source), turned(tap, first + 1, source),
          turned(tap, first + 2, source), turned(tap, first + 3, source),
        );
      }
    } else if (FORWARD == 1u && inner < 72 * params.source4 + 2) {
      value = bias[target_vec];
    }
  }
  packed[index] = value;
}
`,conv2d_tile:`// Included by conv2d_tile8 and conv2d_tile8x4, which compute a tile of pixels by 8 outputs an invocation:
// convolution 3×3, stride 1, 'same': y = activate(bias + sum over ky,kx,c of x[n, y+ky-1, x+kx-1, c] * w[ky,kx,c,:]).
// The same kernel is the input gradient, with transposed and turned weights (conv2d_pack): then
// dx = (sum) * activation_slope(x), added to what dx holds when params.accumulate is set.
// x: one source [N,H,W,4·x4] f32, of half the size when params.shift is 1 (nearest upsampling by the address). Of two joined
// sources the first is run with params.activation 0, and the second adds to it (MODE 2). y: [N,H,W,4·out4] f32.
// Channels beyond the tensor's own are zero.
// w: blocks of 8 outputs, \`params.block_vec4s\` apart: [9 taps][in4][4 inputs][2] vec4 over outputs, then 2 vec4 of bias; as many
// blocks as 64 KiB hold. params.first4 is the source's place among the in4.
struct Params {
  batch: i32, height: i32, width: i32,
  x4: i32, first4: i32, in4: i32, shift: u32,
  out4: i32, first_block: i32, block_vec4s: i32,
  accumulate: i32, activation: u32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<uniform> w: array<vec4f, 4096>;
@group(0) @binding(3) var<storage, read> activated: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> y: array<vec4f>;

// 0: input gradient (activation_slope of \`activated\`, accumulate). 1: forward (bias, activation). 2: forward, added to what y holds
// instead of to the bias.
override MODE: u32 = 1u;

// Ten pixels of a row of x, four channels: the eight of the tile and one on either side.
struct Pixels {
  v0: vec4f,
  v1: vec4f,
  v2: vec4f,
  v3: vec4f,
  v4: vec4f,
  v5: vec4f,
  v6: vec4f,
  v7: vec4f,
  v8: vec4f,
  v9: vec4f,
}
// Eight pixels of a row of y, four channels.
struct Sums {
  s0: vec4f,
  s1: vec4f,
  s2: vec4f,
  s3: vec4f,
  s4: vec4f,
  s5: vec4f,
  s6: vec4f,
  s7: vec4f,
}
// A tap's weights of four inputs by four outputs.
struct Tap {
  i0: vec4f,
  i1: vec4f,
  i2: vec4f,
  i3: vec4f,
}

fn tap(at: i32) -> Tap { return Tap(w[at], w[at + 2], w[at + 4], w[at + 6]); }

// Pixels outside of the image count as zero; the load itself is kept inside the row.
fn pixel(base: i32, column: i32, c: i32, inside: bool) -> vec4f {
  let kept = clamp(column, 0, params.width - 1);
  return select(vec4f(), x[(base + (kept >> params.shift)) * params.x4 + c], inside && column == kept);
}

fn pixels(n: i32, row: i32, x0: i32, c: i32) -> Pixels {
  let kept = clamp(row, 0, params.height - 1);
  let inside = row == kept;
  let base = (n * (params.height >> params.shift) + (kept >> params.shift)) * (params.width >> params.shift);
  return Pixels(
    pixel(base, x0 - 1, c, inside),
    pixel(base, x0, c, inside),
    pixel(base, x0 + 1, c, inside),
    pixel(base, x0 + 2, c, inside),
    pixel(base, x0 + 3, c, inside),
    pixel(base, x0 + 4, c, inside),
    pixel(base, x0 + 5, c, inside),
    pixel(base, x0 + 6, c, inside),
    pixel(base, x0 + 7, c, inside),
    pixel(base, x0 + 8, c, inside),
  );
}

fn mac(sum: vec4f, v: vec4f, t: Tap) -> vec4f {
  return fma(t.i3, vec4f(v.w), fma(t.i2, vec4f(v.z), fma(t.i1, vec4f(v.y), fma(t.i0, vec4f(v.x), sum))));
}

// Adds a row of three taps over a row of pixels.
fn taps(before: Sums, v: Pixels, left: Tap, middle: Tap, right: Tap) -> Sums {
  var s = before;
  s.s0 = mac(s.s0, v.v0, left);
  s.s1 = mac(s.s1, v.v1, left);
  s.s2 = mac(s.s2, v.v2, left);
  s.s3 = mac(s.s3, v.v3, left);
  s.s4 = mac(s.s4, v.v4, left);
  s.s5 = mac(s.s5, v.v5, left);
  s.s6 = mac(s.s6, v.v6, left);
  s.s7 = mac(s.s7, v.v7, left);
  s.s0 = mac(s.s0, v.v1, middle);
  s.s1 = mac(s.s1, v.v2, middle);
  s.s2 = mac(s.s2, v.v3, middle);
  s.s3 = mac(s.s3, v.v4, middle);
  s.s4 = mac(s.s4, v.v5, middle);
  s.s5 = mac(s.s5, v.v6, middle);
  s.s6 = mac(s.s6, v.v7, middle);
  s.s7 = mac(s.s7, v.v8, middle);
  s.s0 = mac(s.s0, v.v2, right);
  s.s1 = mac(s.s1, v.v3, right);
  s.s2 = mac(s.s2, v.v4, right);
  s.s3 = mac(s.s3, v.v5, right);
  s.s4 = mac(s.s4, v.v6, right);
  s.s5 = mac(s.s5, v.v7, right);
  s.s6 = mac(s.s6, v.v8, right);
  s.s7 = mac(s.s7, v.v9, right);
  return s;
}

fn eight(value: vec4f) -> Sums { return Sums(value, value, value, value, value, value, value, value); }

// What y holds, to add to; a pixel outside of the row reads one inside, and is not stored.
fn loaded(at: i32, last: i32) -> Sums {
  return Sums(
    y[at],
    y[at + min(1, last) * params.out4],
    y[at + min(2, last) * params.out4],
    y[at + min(3, last) * params.out4],
    y[at + min(4, last) * params.out4],
    y[at + min(5, last) * params.out4],
    y[at + min(6, last) * params.out4],
    y[at + min(7, last) * params.out4],
  );
}

fn put(at: i32, value: vec4f) {
  if (MODE != 0u) {
    y[at] = activate_as(value, params.activation);
  } else {
    var gradient = value * slope_as(activated[at], params.activation);
    if (params.accumulate != 0) { gradient += y[at]; }
    y[at] = gradient;
  }
}

// Stores a row of which the pixels up to \`last\` are inside of the image.
fn store(at: i32, last: i32, s: Sums) {
  put(at, s.s0);
  if (last >= 1) { put(at + 1 * params.out4, s.s1); }
  if (last >= 2) { put(at + 2 * params.out4, s.s2); }
  if (last >= 3) { put(at + 3 * params.out4, s.s3); }
  if (last >= 4) { put(at + 4 * params.out4, s.s4); }
  if (last >= 5) { put(at + 5 * params.out4, s.s5); }
  if (last >= 6) { put(at + 6 * params.out4, s.s6); }
  if (last >= 7) { put(at + 7 * params.out4, s.s7); }
}
`,conv2d_tile8:`// Convolution 3×3 and its input gradient, as conv2d_tile.wgsl says (included before this).
// An invocation owns 8 pixels of a row by 8 outputs: 16 vec4 accumulators, no barrier, no workgroup memory. An eighth of the code of
// conv2d_tile8x4, so it compiles quickly everywhere, and its accumulators fit into the registers of a GPU.
@compute @workgroup_size(64)
fn main(
  @builtin(global_invocation_id) id: vec3u,
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
) {
  let across = (params.width + 7) / 8;
  let tile = i32(id.x + id.y * groups.x * 64u);
  if (tile >= params.batch * across * params.height) { return; }
  let x0 = (tile % across) * 8;
  let y0 = tile / across % params.height;
  let n = tile / (across * params.height);
  let block = i32(group.z) * params.block_vec4s;
  let out = (params.first_block + i32(group.z)) * 2;
  let two = out + 1 < params.out4;
  let last = min(7, params.width - 1 - x0);
  let at = ((n * params.height + y0) * params.width + x0) * params.out4 + out;

  let bias = block + 72 * params.in4;
  var s0 = eight(w[bias]);
  var s1 = eight(w[bias + 1]);
  if (MODE == 2u) {
    s0 = loaded(at, last);
    s1 = loaded(at + select(0, 1, two), last);
  }

  let step = params.in4 * 8;
  for (var c = 0; c < params.x4; c++) {
    for (var ky = 0; ky < 3; ky++) {
      let row = y0 + ky - 1;
      if (row < 0 || row >= params.height) { continue; }
      let v = pixels(n, row, x0, c);
      let first = block + (ky * 3 * params.in4 + params.first4 + c) * 8;
      s0 = taps(s0, v, tap(first), tap(first + step), tap(first + 2 * step));
      s1 = taps(s1, v, tap(first + 1), tap(first + step + 1), tap(first + 2 * step + 1));
    }
  }

  store(at, last, s0);
  if (two) { store(at + 1, last, s1); }
}
`,conv2d_tile8x4:`// Convolution 3×3 and its input gradient, as conv2d_tile.wgsl says (included before this).
// An invocation owns 8×4 pixels by 8 outputs: 64 vec4 accumulators, no barrier, no workgroup memory. On a software adapter a load
// of a vec4 costs as much as twenty multiply-adds of one, whatever it is loaded from: so the tile is large, every pixel and weight
// is loaded once for each four inputs, and the sums spill to the stack, which is cheap. A compiler that takes long over straight code
// (SwiftShader's: minutes) is better served by conv2d_tile8.
@compute @workgroup_size(64)
fn main(
  @builtin(global_invocation_id) id: vec3u,
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
) {
  let across = (params.width + 7) / 8;
  let down = (params.height + 3) / 4;
  let tile = i32(id.x + id.y * groups.x * 64u);
  if (tile >= params.batch * across * down) { return; }
  let x0 = (tile % across) * 8;
  let y0 = (tile / across % down) * 4;
  let n = tile / (across * down);
  let block = i32(group.z) * params.block_vec4s;
  let out = (params.first_block + i32(group.z)) * 2;
  let two = out + 1 < params.out4;
  let last = min(7, params.width - 1 - x0);
  let row_vec4s = params.width * params.out4;
  let at = ((n * params.height + y0) * params.width + x0) * params.out4 + out;

  let bias = block + 72 * params.in4;
  var s00 = eight(w[bias]);
  var s01 = eight(w[bias + 1]);
  var s10 = eight(w[bias]);
  var s11 = eight(w[bias + 1]);
  var s20 = eight(w[bias]);
  var s21 = eight(w[bias + 1]);
  var s30 = eight(w[bias]);
  var s31 = eight(w[bias + 1]);
  if (MODE == 2u) {
    // Rows and outputs outside read inside, and are not stored.
    let more = select(0, 1, two);
    s00 = loaded(at, last);
    s01 = loaded(at + more, last);
    s10 = loaded(at + min(1, params.height - 1 - y0) * row_vec4s, last);
    s11 = loaded(at + min(1, params.height - 1 - y0) * row_vec4s + more, last);
    s20 = loaded(at + min(2, params.height - 1 - y0) * row_vec4s, last);
    s21 = loaded(at + min(2, params.height - 1 - y0) * row_vec4s + more, last);
    s30 = loaded(at + min(3, params.height - 1 - y0) * row_vec4s, last);
    s31 = loaded(at + min(3, params.height - 1 - y0) * row_vec4s + more, last);
  }

  for (var c = 0; c < params.x4; c++) {
    let first = block + (params.first4 + c) * 8;
    let step = params.in4 * 8;
    let w000 = tap(first);
    let w001 = tap(first + 1);
    let w010 = tap(first + step);
    let w011 = tap(first + step + 1);
    let w020 = tap(first + 2 * step);
    let w021 = tap(first + 2 * step + 1);
    let w100 = tap(first + 3 * step);
    let w101 = tap(first + 3 * step + 1);
    let w110 = tap(first + 4 * step);
    let w111 = tap(first + 4 * step + 1);
    let w120 = tap(first + 5 * step);
    let w121 = tap(first + 5 * step + 1);
    let w200 = tap(first + 6 * step);
    let w201 = tap(first + 6 * step + 1);
    let w210 = tap(first + 7 * step);
    let w211 = tap(first + 7 * step + 1);
    let w220 = tap(first + 8 * step);
    let w221 = tap(first + 8 * step + 1);
    let v0 = pixels(n, y0 - 1, x0, c);
    s00 = taps(s00, v0, w000, w010, w020);
    s01 = taps(s01, v0, w001, w011, w021);
    let v1 = pixels(n, y0, x0, c);
    s00 = taps(s00, v1, w100, w110, w120);
    s01 = taps(s01, v1, w101, w111, w121);
    s10 = taps(s10, v1, w000, w010, w020);
    s11 = taps(s11, v1, w001, w011, w021);
    let v2 = pixels(n, y0 + 1, x0, c);
    s00 = taps(s00, v2, w200, w210, w220);
    s01 = taps(s01, v2, w201, w211, w221);
    s10 = taps(s10, v2, w100, w110, w120);
    s11 = taps(s11, v2, w101, w111, w121);
    s20 = taps(s20, v2, w000, w010, w020);
    s21 = taps(s21, v2, w001, w011, w021);
    let v3 = pixels(n, y0 + 2, x0, c);
    s10 = taps(s10, v3, w200, w210, w220);
    s11 = taps(s11, v3, w201, w211, w221);
    s20 = taps(s20, v3, w100, w110, w120);
    s21 = taps(s21, v3, w101, w111, w121);
    s30 = taps(s30, v3, w000, w010, w020);
    s31 = taps(s31, v3, w001, w011, w021);
    let v4 = pixels(n, y0 + 3, x0, c);
    s20 = taps(s20, v4, w200, w210, w220);
    s21 = taps(s21, v4, w201, w211, w221);
    s30 = taps(s30, v4, w100, w110, w120);
    s31 = taps(s31, v4, w101, w111, w121);
    let v5 = pixels(n, y0 + 4, x0, c);
    s30 = taps(s30, v5, w200, w210, w220);
    s31 = taps(s31, v5, w201, w211, w221);
  }

  store(at, last, s00);
  if (two) { store(at + 1, last, s01); }
  if (y0 + 1 < params.height) {
    store(at + row_vec4s, last, s10);
    if (two) { store(at + row_vec4s + 1, last, s11); }
  }
  if (y0 + 2 < params.height) {
    store(at + 2 * row_vec4s, last, s20);
    if (two) { store(at + 2 * row_vec4s + 1, last, s21); }
  }
  if (y0 + 3 < params.height) {
    store(at + 3 * row_vec4s, last, s30);
    if (two) { store(at + 3 * row_vec4s + 1, last, s31); }
  }
}
`,conv2d_weight_grad_naive:`// Weight gradient of a k×k convolution, any stride:
// dw[ky,kx,c,o] = sum over n,y,x of x[n, y·stride+ky-r, x·stride+kx-r, c] * dy[n,y,x,o].
// x: one source [N,H,W,4·in4] f32 (of half the size when params.shift = 1), dy: [N,OH,OW,4·out4] f32,
// partials: [slices][k·k][4·total4 inputs][out4] vec4; sum_slices adds the slices in order.
// An invocation owns one tap, four inputs by four outputs, and walks the output rows of its slice.
struct Params {
  batch: i32, height: i32, width: i32, out_height: i32, out_width: i32,
  in4: i32, out4: i32, shift: u32, first4: i32, total4: i32,
  slices: i32, rows: i32, kernel: i32, stride: i32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read> dy: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> partials: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let taps = params.kernel * params.kernel;
  let blocks = taps * params.in4 * params.out4;
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= blocks * params.slices) { return; }
  let slice = index / blocks;
  let o = index % params.out4;
  let c = (index / params.out4) % params.in4;
  let tap = (index / (params.out4 * params.in4)) % taps;
  let radius = (params.kernel - 1) / 2;
  let ky = tap / params.kernel - radius;
  let kx = tap % params.kernel - radius;
  var s0 = vec4f();
  var s1 = vec4f();
  var s2 = vec4f();
  var s3 = vec4f();
  let end = min((slice + 1) * params.rows, params.batch * params.out_height);
  for (var out_row = slice * params.rows; out_row < end; out_row++) {
    let n = out_row / params.out_height;
    let row = (out_row % params.out_height) * params.stride + ky;
    if (row < 0 || row >= params.height) { continue; }
    let base = (n * (params.height >> params.shift) + (row >> params.shift)) * (params.width >> params.shift);
    for (var out_column = 0; out_column < params.out_width; out_column++) {
      let column = out_column * params.stride + kx;
      if (column < 0 || column >= params.width) { continue; }
      let v = x[(base + (column >> params.shift)) * params.in4 + c];
      let d = dy[(out_row * params.out_width + out_column) * params.out4 + o];
      s0 = fma(vec4f(v.x), d, s0);
      s1 = fma(vec4f(v.y), d, s1);
      s2 = fma(vec4f(v.z), d, s2);
      s3 = fma(vec4f(v.w), d, s3);
    }
  }
  let at = ((slice * taps + tap) * params.total4 + params.first4 + c) * 4 * params.out4 + o;
  partials[at] = s0;
  partials[at + params.out4] = s1;
  partials[at + 2 * params.out4] = s2;
  partials[at + 3 * params.out4] = s3;
}
`,conv2d_weight_grad_rows:`// Weight gradient of a 3×3 convolution with stride 1: dw[ky,kx,c,o] = sum over n,y,x of x[n, y+ky-1, x+kx-1, c] * dy[n,y,x,o].
// x: one source [N,H,W,4·in4] f32 (half the size when params.shift = 1: nearest upsampling by the address), dy: [N,H,W,4·out4] f32,
// partials: [slices][9][all inputs, 4·total4][out4] vec4 f32; sum_slices adds the slices in order, so the same run gives the same bits.
// An invocation owns 8 inputs by 8 outputs for one row of taps (48 vec4 accumulators) and walks the rows of its slice from left to
// right, two pixels at a time: each column of x is loaded once and used for three taps, each sum is read and written once for two
// products. Where a count of vec4s is odd, the half that is missing is computed from its neighbour and not stored.
struct Params {
  batch: i32, height: i32, width: i32,
  in4: i32, out4: i32, shift: u32,
  first4: i32, total4: i32,
  slices: i32, rows: i32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read> dy: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> partials: array<vec4f>;

// Sums of four inputs (fields) by four outputs (lanes).
struct Sums {
  i0: vec4f,
  i1: vec4f,
  i2: vec4f,
  i3: vec4f,
}

// Adds the products of two pixels: v are four inputs, d four outputs.
fn add(s: Sums, v0: vec4f, v1: vec4f, d0: vec4f, d1: vec4f) -> Sums {
  return Sums(
    fma(vec4f(v1.x), d1, fma(vec4f(v0.x), d0, s.i0)),
    fma(vec4f(v1.y), d1, fma(vec4f(v0.y), d0, s.i1)),
    fma(vec4f(v1.z), d1, fma(vec4f(v0.z), d0, s.i2)),
    fma(vec4f(v1.w), d1, fma(vec4f(v0.w), d0, s.i3)),
  );
}

// Pixels outside of the image count as zero; the load itself is kept inside the row.
fn pixel(base: i32, column: i32, c: i32, inside: bool) -> vec4f {
  let kept = min(column, params.width - 1);
  return select(vec4f(), x[(base + (kept >> params.shift)) * params.in4 + c], inside && column == kept);
}

fn gradient(base: i32, column: i32, o: i32) -> vec4f {
  let kept = min(column, params.width - 1);
  return select(vec4f(), dy[(base + kept) * params.out4 + o], column == kept);
}

fn store(at: i32, s: Sums) {
  partials[at] = s.i0;
  partials[at + params.out4] = s.i1;
  partials[at + 2 * params.out4] = s.i2;
  partials[at + 3 * params.out4] = s.i3;
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let in_pairs = (params.in4 + 1) / 2;
  let out_pairs = (params.out4 + 1) / 2;
  let blocks = 3 * in_pairs * out_pairs;
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= blocks * params.slices) { return; }
  let slice = index / blocks;
  let block = index % blocks;
  let o0 = (block % out_pairs) * 2;
  let o1 = min(o0 + 1, params.out4 - 1);
  let c0 = (block / out_pairs % in_pairs) * 2;
  let c1 = min(c0 + 1, params.in4 - 1);
  let ky = block / (out_pairs * in_pairs);

  var s000 = Sums();
  var s001 = Sums();
  var s010 = Sums();
  var s011 = Sums();
  var s100 = Sums();
  var s101 = Sums();
  var s110 = Sums();
  var s111 = Sums();
  var s200 = Sums();
  var s201 = Sums();
  var s210 = Sums();
  var s211 = Sums();

  let end = min((slice + 1) * params.rows, params.batch * params.height);
  for (var row = slice * params.rows; row < end; row++) {
    let n = row / params.height;
    let y = row % params.height + ky - 1;
    let kept = clamp(y, 0, params.height - 1);
    let inside = y == kept;
    let base = (n * (params.height >> params.shift) + (kept >> params.shift)) * (params.width >> params.shift);
    let dy_base = row * params.width;
    // Columns column - 1 and column of x.
    var l0 = vec4f();
    var l1 = vec4f();
    var m0 = pixel(base, 0, c0, inside);
    var m1 = pixel(base, 0, c1, inside);
    for (var column = 0; column < params.width; column += 2) {
      let d00 = gradient(dy_base, column, o0);
      let d01 = gradient(dy_base, column, o1);
      let d10 = gradient(dy_base, column + 1, o0);
      let d11 = gradient(dy_base, column + 1, o1);
      let r0 = pixel(base, column + 1, c0, inside);
      let r1 = pixel(base, column + 1, c1, inside);
      let e0 = pixel(base, column + 2, c0, inside);
      let e1 = pixel(base, column + 2, c1, inside);
      s000 = add(s000, l0, m0, d00, d10);
      s001 = add(s001, l0, m0, d01, d11);
      s010 = add(s010, l1, m1, d00, d10);
      s011 = add(s011, l1, m1, d01, d11);
      s100 = add(s100, m0, r0, d00, d10);
      s101 = add(s101, m0, r0, d01, d11);
      s110 = add(s110, m1, r1, d00, d10);
      s111 = add(s111, m1, r1, d01, d11);
      s200 = add(s200, r0, e0, d00, d10);
      s201 = add(s201, r0, e0, d01, d11);
      s210 = add(s210, r1, e1, d00, d10);
      s211 = add(s211, r1, e1, d01, d11);
      l0 = r0;
      l1 = r1;
      m0 = e0;
      m1 = e1;
    }
  }

  let tap = params.total4 * 4 * params.out4;
  let at = (slice * 9 + ky * 3) * tap + params.first4 * 4 * params.out4;
  let first = at + c0 * 4 * params.out4;
  let second = at + c1 * 4 * params.out4;
  store(first + 0 * tap + o0, s000);
  store(first + 1 * tap + o0, s100);
  store(first + 2 * tap + o0, s200);
  if (o1 != o0) {
    store(first + 0 * tap + o1, s001);
    store(first + 1 * tap + o1, s101);
    store(first + 2 * tap + o1, s201);
  }
  if (c1 != c0) {
    store(second + 0 * tap + o0, s010);
    store(second + 1 * tap + o0, s110);
    store(second + 2 * tap + o0, s210);
    if (o1 != o0) {
      store(second + 0 * tap + o1, s011);
      store(second + 1 * tap + o1, s111);
      store(second + 2 * tap + o1, s211);
    }
  }
}
`,loss:`// Mean loss over all elements and its gradient. d = y - target, M = number of elements (pixels · channels):
// KIND 0, MSE: sum d² / M, dy = 2d / M. KIND 1, L1: sum |d| / M, dy = sign(d) / M.
// KIND 2, Charbonnier (Charbonnier et al. 1994): sum sqrt(d² + ε²) / M, dy = d / sqrt(d² + ε²) / M, ε = 1e-3.
// y, target, dy: [pixels][c4] vec4 f32, lanes beyond \`params.channels\` zero; partials: one vec4 a slice (loss in x), summed by sum_slices.
// WEIGHTED 1: the terms and gradients of image n are multiplied by weights[n] (packed four to a vec4).
// An invocation owns one slice of the vec4s.
struct Params { count: i32, c4: i32, channels: i32, slice_vec4s: i32, slices: i32, image_vec4s: i32, scale: f32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> y: array<vec4f>;
@group(0) @binding(2) var<storage, read> goal: array<vec4f>;
@group(0) @binding(3) var<storage, read> weights: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> dy: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> partials: array<vec4f>;

override KIND: u32 = 0u;
override WEIGHTED: u32 = 0u;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let slice = i32(id.x + id.y * groups.x * 64u);
  if (slice >= params.slices) { return; }
  let end = min((slice + 1) * params.slice_vec4s, params.count);
  var sum = vec4f();
  for (var index = slice * params.slice_vec4s; index < end; index++) {
    let d = y[index] - goal[index];
    // Lanes that hold no channel must not count: the Charbonnier loss of zero is ε.
    let lane = vec4i((index % params.c4) * 4) + vec4i(0, 1, 2, 3);
    let counts = lane < vec4i(params.channels);
    var value: vec4f;
    var gradient: vec4f;
    if (KIND == 0u) {
      value = d * d;
      gradient = 2.0 * d;
    } else if (KIND == 1u) {
      value = abs(d);
      gradient = sign(d);
    } else {
      value = sqrt(d * d + vec4f(1e-6));
      gradient = d / value;
    }
    if (WEIGHTED == 1u) {
      let image = index / params.image_vec4s;
      let weight = weights[image / 4][image % 4];
      value *= weight;
      gradient *= weight;
    }
    sum += select(vec4f(), value, counts);
    dy[index] = select(vec4f(), gradient * params.scale, counts);
  }
  partials[slice] = vec4f(((sum.x + sum.y) + (sum.z + sum.w)) * params.scale, 0.0, 0.0, 0.0);
}
`,max_pool:`// Max-pooling 2×2, stride 2: y[n,y,x,c] = max of x[n, 2y..2y+1, 2x..2x+1, c]; a window past the edge takes what is inside.
// x: [N,H,W,4·c4] f32, y: [N,⌈H/2⌉,⌈W/2⌉,4·c4] f32, argmax: one u32 a vec4, 8 bits a channel: the winner's place in the window (2·dy + dx);
// of equals the first wins. An invocation owns four channels of one output pixel.
struct Params { batch: i32, height: i32, width: i32, c4: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> y: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> argmax: array<u32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let out_height = (params.height + 1) / 2;
  let out_width = (params.width + 1) / 2;
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.batch * out_height * out_width * params.c4) { return; }
  let c = index % params.c4;
  let pixel = index / params.c4;
  let column = (pixel % out_width) * 2;
  let row = ((pixel / out_width) % out_height) * 2;
  let n = pixel / (out_width * out_height);
  let at = ((n * params.height + row) * params.width + column) * params.c4 + c;
  var best = x[at];
  var place = vec4u();
  let right = column + 1 < params.width;
  let below = row + 1 < params.height;
  if (right) {
    let v = x[at + params.c4];
    let wins = v > best;
    best = select(best, v, wins);
    place = select(place, vec4u(1u), wins);
  }
  if (below) {
    let v = x[at + params.width * params.c4];
    let wins = v > best;
    best = select(best, v, wins);
    place = select(place, vec4u(2u), wins);
  }
  if (right && below) {
    let v = x[at + (params.width + 1) * params.c4];
    let wins = v > best;
    best = select(best, v, wins);
    place = select(place, vec4u(3u), wins);
  }
  y[index] = best;
  argmax[index] = place.x | (place.y << 8u) | (place.z << 16u) | (place.w << 24u);
}
`,max_pool_grad:`// Gradient of max-pooling 2×2: dx[n,y,x,c] = activation_slope(x) * (dy[n, y/2, x/2, c] where this pixel was its window's winner, else 0).
// dy: [N,⌈H/2⌉,⌈W/2⌉,4·c4] f32, argmax as max_pool wrote it, activated: the pooled tensor x, dx: [N,H,W,4·c4] f32;
// added to what dx holds when params.accumulate is set. An invocation owns four channels of one pixel of dx.
struct Params { batch: i32, height: i32, width: i32, c4: i32, accumulate: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> dy: array<vec4f>;
@group(0) @binding(2) var<storage, read> argmax: array<u32>;
@group(0) @binding(3) var<storage, read> activated: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> dx: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.batch * params.height * params.width * params.c4) { return; }
  let out_height = (params.height + 1) / 2;
  let out_width = (params.width + 1) / 2;
  let c = index % params.c4;
  let pixel = index / params.c4;
  let column = pixel % params.width;
  let row = (pixel / params.width) % params.height;
  let n = pixel / (params.width * params.height);
  let window = ((n * out_height + row / 2) * out_width + column / 2) * params.c4 + c;
  let place = u32((row % 2) * 2 + column % 2);
  let winners = (vec4u(argmax[window]) >> vec4u(0u, 8u, 16u, 24u)) & vec4u(255u);
  var gradient = select(vec4f(), dy[window], winners == vec4u(place)) * activation_slope(activated[index]);
  if (params.accumulate != 0) { gradient += dx[index]; }
  dx[index] = gradient;
}
`,pixel_shuffle:`// Pixel shuffle (depth to space): y[n, y·f + dy, x·f + dx, c] = x[n, y, x, (dy·f + dx)·C + c], f = params.factor, C = params.channels.
// x: [N,H,W,f²·C] f32, y: [N,f·H,f·W,C] f32; both padded to a multiple of four channels, x_c4 and y_c4 vec4s a pixel, the surplus zero.
// An invocation owns four channels of one pixel of y. Channels of x do not fall on vec4s there, so it is read by scalars.
struct Params { batch: i32, height: i32, width: i32, channels: i32, factor: i32, x_c4: i32, y_c4: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  let factor = params.factor;
  if (index >= params.batch * params.height * params.width * factor * factor * params.y_c4) { return; }
  let c = 4 * (index % params.y_c4);
  let pixel = index / params.y_c4;
  let column = pixel % (params.width * factor);
  let row = (pixel / (params.width * factor)) % (params.height * factor);
  let n = pixel / (params.width * params.height * factor * factor);
  let place = (row % factor) * factor + column % factor;
  let coarse = (n * params.height + row / factor) * params.width + column / factor;
  let start = coarse * 4 * params.x_c4 + place * params.channels + c;
  let left = params.channels - c;
  y[index] = vec4f(
    x[start],
    select(0.0, x[start + min(1, left - 1)], left > 1),
    select(0.0, x[start + min(2, left - 1)], left > 2),
    select(0.0, x[start + min(3, left - 1)], left > 3),
  );
}
`,pixel_shuffle_grad:`// Gradient of pixel shuffle: dx[n, y, x, k] = activation_slope(x) * dy[n, y·f + ⌊p/f⌋, x·f + p mod f, k mod C] with p = ⌊k/C⌋: every
// value of x went to one place. dy: [N,f·H,f·W,C] f32, activated: the shuffled tensor x, dx: [N,H,W,f²·C] f32, padded as in pixel_shuffle.wgsl;
// added to what dx holds when params.accumulate is set. An invocation owns four channels of one pixel of dx.
struct Params { batch: i32, height: i32, width: i32, channels: i32, factor: i32, x_c4: i32, y_c4: i32, accumulate: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> dy: array<f32>;
@group(0) @binding(2) var<storage, read> activated: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> dx: array<vec4f>;

// What came of channel k of the pixel at (n, row, column) of x; zero for the surplus channels.
fn gradient_of(n: i32, row: i32, column: i32, k: i32) -> f32 {
  let factor = params.factor;
  if (k >= factor * factor * params.channels) { return 0.0; }
  let place = k / params.channels;
  let fine_row = (n * params.height + row) * factor + place / factor;
  let fine = fine_row * params.width * factor + column * factor + place % factor;
  return dy[fine * 4 * params.y_c4 + k % params.channels];
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.batch * params.height * params.width * params.x_c4) { return; }
  let k = 4 * (index % params.x_c4);
  let pixel = index / params.x_c4;
  let column = pixel % params.width;
  let row = (pixel / params.width) % params.height;
  let n = pixel / (params.width * params.height);
  var gradient = vec4f(
    gradient_of(n, row, column, k),
    gradient_of(n, row, column, k + 1),
    gradient_of(n, row, column, k + 2),
    gradient_of(n, row, column, k + 3),
  );
  gradient *= activation_slope(activated[index]);
  if (params.accumulate != 0) { gradient += dx[index]; }
  dx[index] = gradient;
}
`,squared_norm:`// Partial sums of squares of all gradients, for the global norm: partials[s] = sum over slice s of g².
// g: [count] vec4 f32, partials: one vec4 a slice (value in x), summed by sum_slices. An invocation owns one slice.
struct Params { count: i32, slice_vec4s: i32, slices: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> g: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> partials: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let slice = i32(id.x + id.y * groups.x * 64u);
  if (slice >= params.slices) { return; }
  let end = min((slice + 1) * params.slice_vec4s, params.count);
  var sum = vec4f();
  for (var index = slice * params.slice_vec4s; index < end; index++) { sum = fma(g[index], g[index], sum); }
  partials[slice] = vec4f((sum.x + sum.y) + (sum.z + sum.w), 0.0, 0.0, 0.0);
}
`,sum_slices:`// total[i] = sum over s of partials[s][i], in the order of s: the second half of every reduction, and why it is repeatable.
// partials: [slices][count] vec4 f32, total: [count] vec4 f32; added to what total holds when params.accumulate is set.
struct Params { count: i32, slices: i32, accumulate: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> partials: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> total: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.count) { return; }
  var sum = vec4f();
  if (params.accumulate != 0) { sum = total[index]; }
  for (var slice = 0; slice < params.slices; slice++) { sum += partials[slice * params.count + index]; }
  total[index] = sum;
}
`,upsample:`// Upsampling 2×: y[n,y,x,c] from x[n, y/2, x/2, c] (nearest), or interpolated between the four nearest pixel centres,
// those past the edge taken as the edge (bilinear). x: [N,H,W,4·c4] f32, y: [N,2H,2W,4·c4] f32. An invocation owns four channels of one output pixel.
struct Params { batch: i32, height: i32, width: i32, c4: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> y: array<vec4f>;

override BILINEAR: u32 = 0u;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.batch * params.height * params.width * 4 * params.c4) { return; }
  let c = index % params.c4;
  let pixel = index / params.c4;
  let column = pixel % (params.width * 2);
  let row = (pixel / (params.width * 2)) % (params.height * 2);
  let n = pixel / (params.width * params.height * 4);
  let near_row = n * params.height + row / 2;
  let near_column = column / 2;
  let near = x[(near_row * params.width + near_column) * params.c4 + c];
  if (BILINEAR == 0u) {
    y[index] = near;
  } else {
    // An output centre lies a quarter pixel from its nearest source centre: towards the one before it when even, after it when odd.
    let far_row = n * params.height + clamp(row / 2 + (row % 2) * 2 - 1, 0, params.height - 1);
    let far_column = clamp(column / 2 + (column % 2) * 2 - 1, 0, params.width - 1);
    let beside = x[(near_row * params.width + far_column) * params.c4 + c];
    let over = x[(far_row * params.width + near_column) * params.c4 + c];
    let across = x[(far_row * params.width + far_column) * params.c4 + c];
    y[index] = 0.5625 * near + 0.1875 * (beside + over) + 0.0625 * across;
  }
}
`,upsample_grad:`// Gradient of upsampling 2×: dx[n,y,x,c] = activation_slope(x) * sum of dy times the share that this pixel had in it.
// Nearest: the four pixels of dy that copied it. Bilinear: rows 2y-1 .. 2y+2 and columns likewise with 1/4, 3/4, 3/4, 1/4,
// where the edge pixel also has the share of the pixel that is missing beyond it.
// dy: [N,2H,2W,4·c4] f32, activated: the upsampled tensor x, dx: [N,H,W,4·c4] f32; added to what dx holds when params.accumulate is set.
// An invocation owns four channels of one pixel of dx.
struct Params { batch: i32, height: i32, width: i32, c4: i32, accumulate: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> dy: array<vec4f>;
@group(0) @binding(2) var<storage, read> activated: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> dx: array<vec4f>;

override BILINEAR: u32 = 0u;

// Share of source pixel \`at\` in upsampled pixel \`fine\`, along one axis.
fn share(fine: i32, at: i32, extent: i32) -> f32 {
  let near = fine / 2;
  let far = clamp(near + (fine % 2) * 2 - 1, 0, extent - 1);
  return select(0.0, 0.75, near == at) + select(0.0, 0.25, far == at);
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.batch * params.height * params.width * params.c4) { return; }
  let c = index % params.c4;
  let pixel = index / params.c4;
  let column = pixel % params.width;
  let row = (pixel / params.width) % params.height;
  let n = pixel / (params.width * params.height);
  let fine_width = params.width * 2;
  let fine_row = n * params.height * 2;
  var gradient = vec4f();
  if (BILINEAR == 0u) {
    let at = ((fine_row + row * 2) * fine_width + column * 2) * params.c4 + c;
    gradient = (dy[at] + dy[at + params.c4]) + (dy[at + fine_width * params.c4] + dy[at + (fine_width + 1) * params.c4]);
  } else {
    for (var y = max(row * 2 - 1, 0); y < min(row * 2 + 3, params.height * 2); y++) {
      let vertical = share(y, row, params.height);
      for (var x = max(column * 2 - 1, 0); x < min(column * 2 + 3, fine_width); x++) {
        gradient += (vertical * share(x, column, params.width)) * dy[((fine_row + y) * fine_width + x) * params.c4 + c];
      }
    }
  }
  gradient *= activation_slope(activated[index]);
  if (params.accumulate != 0) { gradient += dx[index]; }
  dx[index] = gradient;
}
`};function Kr(r,e){let t=r.prelude??[];for(let n of t)if(e[n]===void 0)throw new v(`Cannot compile ${r.name}: the constant ${n} is not given`);let a=[...t.map(n=>`const ${n} = ${e[n]};
`),...(r.includes??[]).map(n=>ze[n]),ze[r.name]].join(""),o=Object.fromEntries(Object.entries(e).filter(([n])=>!t.includes(n)));return{code:a,overrides:o}}async function _t(r,e,t){let{code:a,overrides:o}=Kr(e,t),n={read:"read-only-storage",read_write:"storage",uniform:"uniform"};r.pushErrorScope("validation");let s=r.createShaderModule({label:e.name,code:a}),i=r.createBindGroupLayout({label:e.name,entries:["uniform",...Object.values(e.bindings)].map((l,p)=>({binding:p,visibility:GPUShaderStage.COMPUTE,buffer:{type:n[l]}}))}),c=r.createComputePipeline({label:e.name,layout:r.createPipelineLayout({bindGroupLayouts:[i]}),compute:{module:s,entryPoint:"main",constants:o}}),d=await r.popErrorScope();if(d)throw new v(`Cannot compile ${e.name} ${JSON.stringify(t)}: ${d.message}`);return{kernel:e,pipeline:c,layout:i}}var zr=200,Lr=/llvmpipe|lavapipe|swiftshader|softpipe|basic render|warp/i;function jr(r){let e=/llvmpipe \(LLVM (\d+)/i.exec(r);return e?Number(e[1]):void 0}function Wr(){let r=globalThis.Deno;if(r)try{r.build.os==="linux"&&!r.env.get("DENO_WEBGPU_BACKEND")&&r.env.set("DENO_WEBGPU_BACKEND","vulkan"),r.build.os==="linux"&&!r.env.get("XDG_RUNTIME_DIR")&&r.env.set("XDG_RUNTIME_DIR","/tmp")}catch{}}async function qr(){Wr();let r=await globalThis.navigator?.gpu?.requestAdapter({powerPreference:"high-performance"})??void 0;if(!r)return;let{description:e,device:t,vendor:a,architecture:o}=r.info,n=e||t||`${a} ${o}`.trim()||"unnamed adapter";return{adapter:r,summary:{name:n,vendor:a,architecture:o,software:Lr.test(`${n} ${a} ${o}`),llvm:jr(n),features:[...r.features].sort()}}}async function kt(){let r=await qr();if(!r)throw new _("No WebGPU adapter found: install a Vulkan driver (on Debian or Ubuntu: apt-get install mesa-vulkan-drivers)");let{adapter:e,summary:t}=r,a=["timestamp-query","shader-f16"],{limits:o}=e,n=await e.requestDevice({requiredFeatures:a.filter(s=>e.features.has(s)),requiredLimits:{maxStorageBufferBindingSize:o.maxStorageBufferBindingSize,maxBufferSize:o.maxBufferSize,maxUniformBufferBindingSize:o.maxUniformBufferBindingSize,maxComputeWorkgroupStorageSize:o.maxComputeWorkgroupStorageSize}});return new Le(n,t)}var Le=class{device;adapter;times={prepare:0,upload:0,compute:0,download:0};#e=new Set;#r=0;#t=0;#o=new Map;#a;#n=!1;constructor(e,t){this.device=e,this.adapter=t,e.lost.then(a=>{this.#n||(this.#a??=new j(`The GPU device was lost: ${a.message||a.reason}`))}),e.addEventListener("uncapturederror",a=>{let{error:o}=a;a.preventDefault(),this.#a??=o instanceof GPUOutOfMemoryError?new E(`The GPU is out of memory: ${o.message}`):new v(`The GPU refused a command: ${o.message}`)})}check(){if(this.#n)throw new v("Cannot use a Gpu that was disposed");if(this.#a)throw this.#a}async loss(){let e=Promise.withResolvers(),t=setTimeout(()=>e.resolve(void 0),zr),a=await Promise.race([this.device.lost,e.promise]);return clearTimeout(t),a&&new j(`The GPU device was lost: ${a.message||a.reason}`)}buffer(e,t,a){this.check();let o=Math.max(16,Math.ceil(t/4)*4);if(o>this.device.limits.maxBufferSize||o>this.device.limits.maxStorageBufferBindingSize)throw new E(`Cannot make the buffer ${e}: ${o} bytes are more than the adapter binds at once`);let n=this.device.createBuffer({label:e,size:o,usage:a});return this.#e.add(n),this.#r+=o,this.#t=Math.max(this.#t,this.#r),n}release(e){this.#e.delete(e)&&(this.#r-=e.size,e.destroy())}write(e,t,a){if(t%4!==0||t<0||t+a.byteLength>e.size)throw new v(`Cannot write ${a.byteLength} bytes at ${t} of ${e.label||"a buffer"}: it has ${e.size}`);this.device.queue.writeBuffer(e,t,a)}kernel(e,t={}){let a=`${e.name} ${JSON.stringify(Object.entries(t).sort())}`,o=this.#o.get(a);return o||_t(this.device,e,t).then(n=>(this.#o.set(a,n),n))}stats(){return{liveBytes:this.#r,peakBytes:this.#t,liveBuffers:this.#e.size}}[Symbol.dispose](){if(!this.#n){this.#n=!0;for(let e of this.#e)e.destroy();this.#e.clear(),this.#r=0,this.#o.clear(),this.device.destroy()}}};function R(r){return r.reduce((e,t)=>e*t,1)}function P(r){return Math.ceil(r/4)*4}function A(r){return r.join("×")}function X(r,e){return Math.ceil(r/e)}function K(r){let{channels:e,widths:t,encoderBlocks:a,decoderBlocks:o,activation:n,down:s,up:i,residual:c,residualBlocks:d}=r,l=r.scale,p=[],u=[],m=(g,x,k,S,B,D=1,C=3)=>{p.push({op:"conv2d",name:g,inputs:x,output:g,kernel:C,stride:D,inChannels:k,outChannels:S,activation:B});let T=k.reduce(($,z)=>$+z,0);return u.push({name:`${g}.weight`,shape:[C,C,T,S]},{name:`${g}.bias`,shape:[S]}),g},y=(g,x,k)=>{let S=m(g,[x],[k],k,n);return d?(p.push({op:"add",inputs:[x,S],output:`${g}.sum`}),`${g}.sum`):S},h=t.length-1,f=[],w="image",b=e;for(let g=0;g<=h;g++){g>0&&(f.push(w),s==="stride"?(w=m(`down${g}`,[w],[b],t[g],n,2),b=t[g]):(p.push({op:"maxPool",input:w,output:`pool${g}`}),w=`pool${g}`)),w=m(`enc${g}.0`,[w],[b],t[g],n),b=t[g];for(let x=1;x<a[g];x++)w=y(`enc${g}.${x}`,w,b)}for(let g=h-1;g>=0;g--){p.push({op:"upsample",input:w,output:`up${g}`,mode:i}),w=m(`dec${g}.0`,[`up${g}`,f[g]],[b,t[g]],t[g],n),b=t[g];for(let x=1;x<o[g];x++)w=y(`dec${g}.${x}`,w,b)}if(w=m("out",[w],[b],e*l**2,"none"),l!==1&&(p.push({op:"pixelShuffle",input:w,output:"shuffled",factor:l}),w="shuffled"),c){let g="image";for(let x=2;x<=l;x*=2)p.push({op:"upsample",input:g,output:`image.x${x}`,mode:"bilinear"}),g=`image.x${x}`;p.push({op:"add",inputs:[g,w],output:"restored"}),w="restored"}return{nodes:p,parameters:u,output:w}}var Hr=[1,2,4];function be(r={}){let{base:e=16,depth:t=(r.widths?.length??4)-1,blocks:a=2}=r,o=(d,l,p,u)=>{if(!Number.isInteger(l)||l<p||l>u)throw new RangeError(`Cannot make a U-Net: ${d} must be a whole number from ${p} to ${u}, got ${l}`)};o("base",e,1,512),o("depth",t,0,6),o("blocks",a,1,16);let n={channels:r.channels??3,widths:r.widths??Array.from({length:t+1},(d,l)=>e*2**l),encoderBlocks:r.encoderBlocks??Array(t+1).fill(a),decoderBlocks:r.decoderBlocks??Array(t).fill(a),activation:r.activation??"leaky-relu",down:r.down??"max-pool",up:r.up??"nearest",residual:r.residual??!0,residualBlocks:r.residualBlocks??!0,scale:r.scale??1};if(!Hr.includes(n.scale))throw new RangeError(`Cannot make a U-Net: scale must be 1, 2 or 4, got ${n.scale}`);o("channels",n.channels,1,16);let{widths:s,encoderBlocks:i,decoderBlocks:c}=n;if(s.forEach(d=>o("a width",d,1,4096)),i.forEach(d=>o("a scale's encoder blocks",d,1,16)),c.forEach(d=>o("a scale's decoder blocks",d,1,16)),i.length!==s.length||c.length!==s.length-1)throw new RangeError(`Cannot make a U-Net: ${s.length} widths want ${s.length} encoder and ${s.length-1} decoder block counts, got ${i.length} and ${c.length}`);for(let[d,l,p]of[["activation",n.activation,["none","relu","leaky-relu"]],["down",n.down,["max-pool","stride"]],["up",n.up,["nearest","bilinear"]]])if(!p.includes(l))throw new RangeError(`Cannot make a U-Net: ${d} must be one of ${p.join(", ")}, got ${l}`);return n}function xe(r){return 2**(r.widths.length-1)}var Jr=.1,Yr=.5;function At(r,e){let t=K(r),a=new Map,o=new Set(t.nodes.flatMap(s=>s.op==="add"?[`${s.inputs[1]}.weight`]:[]));for(let s of t.nodes)s.op==="conv2d"&&a.set(`${s.name}.weight`,s.activation);let n=new Map;return t.parameters.forEach(({name:s,shape:i},c)=>{let d=new Float32Array(R(i)),l=a.get(s);if(l!==void 0){let p=l==="none"?1:l==="leaky-relu"?.1:0,u=R(i.slice(0,-1)),y=(s==="out.weight"&&r.residual?Jr:o.has(s)?Yr:1)*Math.sqrt(2/((1+p**2)*u)),h=new J(e,c);for(let f=0;f<d.length;f++)d[f]=y*h.normal()}n.set(s,d)}),n}var Xr=Uint32Array.from({length:256},(r,e)=>{let t=e;for(let a=0;a<8;a++)t=t&1?t>>>1^3988292384:t>>>1;return t});function ie(r,e=0){let t=~e;for(let a=0;a<r.length;a++)t=Xr[(t^r[a])&255]^t>>>8;return~t>>>0}var Q={F32:4,F16:2},Qr=65504,Zr=1e8,le="crc32",je="00000000";function Pt(r){let e=[...r.tensors].map(([d,l])=>({name:d,...l,dtype:l.dtype??"F32"})).sort((d,l)=>Q[l.dtype]-Q[d.dtype]),t={__metadata__:{...r.metadata,[le]:je}},a=0;for(let{name:d,shape:l,data:p,dtype:u}of e){if(p.length!==R(l))throw new RangeError(`Cannot store tensor "${d}": shape ${A(l)} has not ${p.length} values`);if(d==="__metadata__")throw new RangeError(`Cannot store a tensor of the reserved name "${d}"`);let m=a+p.length*Q[u];t[d]={dtype:u,shape:l,data_offsets:[a,m]},a=m}let o=new TextEncoder().encode(JSON.stringify(t)),n=Math.ceil(o.length/8)*8,s=new Uint8Array(8+n+a);new DataView(s.buffer).setUint32(0,n,!0),s.fill(32,8,8+n),s.set(o,8);let i=8+n;for(let{name:d,data:l,dtype:p}of e){if(p==="F32")s.set(new Uint8Array(l.buffer,l.byteOffset,l.byteLength),i);else{let u=aa(l,d);s.set(new Uint8Array(u.buffer),i)}i+=l.length*Q[p]}let c=Rt(s,n);return s.set(new TextEncoder().encode(Mt(ie(s))),c),s}function Tt(r,e){let t=h=>{throw new _(`Cannot read ${Z(e)} as safetensors: ${h}`)};r.length<8&&t(`it has ${r.length} bytes, too few for a header`);let a=new DataView(r.buffer,r.byteOffset,r.byteLength),o=a.getUint32(0,!0)+a.getUint32(4,!0)*2**32;o>Zr&&t(`its header claims ${o} bytes; it is no safetensors file or is damaged`),o>r.length-8&&t(`its header claims ${o} bytes, but only ${r.length-8} follow; the file is truncated or damaged`);let n=ea(r.subarray(8,8+o),t),{__metadata__:s={},...i}=n;(!We(s)||Object.values(s).some(h=>typeof h!="string"))&&t("its metadata is not a list of strings; the file is damaged");let c=r.subarray(8+o),d=[],l=new Map,p=Object.entries(i).map(([h,f])=>{let w=ta(h,f,c.length,t);return d.push(w),{tensor:h,...w}});d.sort((h,f)=>h.begin-f.begin||h.end-f.end);let u=0;for(let{begin:h,end:f}of d)h!==u&&t(`its tensors overlap or leave a gap at byte ${Math.min(h,u)}; the file is damaged`),u=f;u!==c.length&&t(`its tensors fill ${u} bytes, but ${c.length} follow the header; the file is damaged`),ra(r,o,s,t);for(let{tensor:h,dtype:f,shape:w,begin:b,end:g}of p){let x=c.slice(b,g).buffer,k=f==="F32"?new Float32Array(x):Float32Array.from(new Float16Array(x));l.set(h,{dtype:f,shape:w,data:k})}let{[le]:m,...y}=s;return{tensors:l,metadata:y}}function ea(r,e){let t;try{if(r[0]!==123)throw new SyntaxError;t=JSON.parse(new TextDecoder("utf-8",{fatal:!0}).decode(r))}catch{e("its header is no JSON; it is no safetensors file or is damaged")}return We(t)?t:e("its header is no JSON object; the file is damaged")}function ta(r,e,t,a){let o=l=>a(`tensor ${Z(r)} has ${l}; the file is damaged`);if(!We(e))return o("no description");let{dtype:n,shape:s,data_offsets:i}=e;if(n!=="F32"&&n!=="F16")return a(`tensor ${Z(r)} is of type ${Z(String(n))}; only F32 and F16 can be read`);if(!Array.isArray(s)||!s.every(St))return o("no valid shape");if(!Array.isArray(i)||i.length!==2||!i.every(St))return o("no valid offsets");let[c,d]=i;return d<c?o(`offsets ${c} to ${d}`):d>t?a(`tensor ${Z(r)} ends at byte ${d} of the data, but the file holds ${t}; it is truncated or damaged`):d-c!==R(s)*Q[n]?o(`${d-c} bytes, but shape ${A(s)} of ${n} takes ${R(s)*Q[n]}`):{dtype:n,shape:s,begin:c,end:d}}function ra(r,e,t,a){if(!Object.hasOwn(t,le))return;let o=Rt(r,e);if(o!==void 0){let n=new TextEncoder().encode(je),s=r.subarray(o+n.length),i=ie(s,ie(n,ie(r.subarray(0,o))));if(Mt(i)===t[le])return}a("its checksum does not match; the file is damaged (or was rewritten: then drop crc32 from its metadata)")}function Rt(r,e){let t=new TextEncoder().encode(`"${le}":"`),a=8+e-t.length-je.length;for(let o=8;o<=a;o++)if(t.every((n,s)=>r[o+s]===n))return o+t.length}function aa(r,e){let t=new Float16Array(r),a=t.findIndex((o,n)=>!Number.isFinite(o)&&Number.isFinite(r[n]));if(a>=0)throw new _(`Cannot store tensor ${Z(e)} as F16: the value ${r[a]} is beyond ±${Qr}; store it as F32`);return t}function Z(r){return JSON.stringify(r.length>80?`${r.slice(0,77)}...`:r).replaceAll(/[\u007f-\u009f\u2028\u2029]/g,"?")}var Mt=r=>r.toString(16).padStart(8,"0"),St=r=>Number.isSafeInteger(r)&&r>=0,We=r=>typeof r=="object"&&r!==null&&!Array.isArray(r);var qe="clairnet-1",He=["name","recipe","loss","data","created","version","license","note"],$t=["seed","steps"];function _e(r={}){return{...Object.fromEntries(He.map(t=>[t,""])),seed:0,steps:0,metrics:{},...r}}function Ot(r,e={}){let{topology:t,parameters:a}=r,o=new Map,n=K(t).parameters;for(let{name:s,shape:i}of n){let c=a.get(s);if(!c)throw new RangeError(`Cannot store the model: parameter "${s}" is missing`);Et(c,`Cannot store the model: parameter "${s}"`),o.set(s,{shape:i,data:c,dtype:e.dtype??"F32"})}if(a.size!==n.length)throw new RangeError(`Cannot store the model: it has ${a.size} parameters, its topology ${n.length}`);for(let[s,i]of e.tensors??[]){if(!s.includes("/"))throw new RangeError(`Cannot store extra tensor "${s}": its name must hold a "/"`);o.set(s,i)}return Pt({tensors:o,metadata:{...e.metadata,...oa(r)}})}function oa({topology:r,info:e}){let t={format:qe,topology:JSON.stringify(r)};for(let a of He)t[a]=e[a];for(let a of $t)t[a]=String(e[a]);return t.metrics=JSON.stringify(e.metrics,(a,o)=>Number.isFinite(o)?o:typeof o=="number"?String(o):o),t}function Ve(r,e){return na(Tt(r,e),e)}function na(r,e){let t=`Cannot use ${JSON.stringify(e)} as a model`,{metadata:a,tensors:o}=r;if(a.format!==qe||a.topology===void 0){let i=a.format===void 0?"no format":`the format ${JSON.stringify(a.format)}`;throw new _(`${t}: its metadata has ${i}, where Clairnet's models have "${qe}"`)}let n=sa(a.topology,t),s=new Map;for(let{name:i,shape:c}of K(n).parameters){let d=o.get(i);if(!d)throw new _(`${t}: tensor "${i}" (${A(c)}) is missing`);if(A(d.shape)!==A(c))throw new _(`${t}: tensor "${i}" has shape ${A(d.shape)}, but its topology wants ${A(c)}`);Et(d.data,`${t}: tensor "${i}"`),s.set(i,d.data)}for(let i of o.keys())if(!s.has(i)&&!i.includes("/"))throw new _(`${t}: tensor ${JSON.stringify(i)} is not part of its topology`);return{topology:n,parameters:s,info:ia(a,t)}}function Et(r,e){let t=r.findIndex(a=>!Number.isFinite(a));if(t>=0)throw new _(`${e} holds ${r[t]} at ${t}: the training diverged or the file is damaged`)}function sa(r,e){try{let{channels:t,widths:a,encoderBlocks:o,decoderBlocks:n,activation:s,down:i,up:c,residual:d,residualBlocks:l,scale:p}=JSON.parse(r);for(let[u,m]of Object.entries({widths:a,encoderBlocks:o,decoderBlocks:n}))if(!Array.isArray(m))throw new RangeError(`${u} is no list`);if(typeof t!="number")throw new RangeError("channels is no number");for(let[u,m]of Object.entries({residual:d,residualBlocks:l}))if(typeof m!="boolean")throw new RangeError(`${u} is neither true nor false`);for(let[u,m]of Object.entries({activation:s,down:i,up:c}))if(typeof m!="string")throw new RangeError(`${u} is no word`);return be({channels:t,widths:a,encoderBlocks:o,decoderBlocks:n,activation:s,down:i,up:c,residual:d,residualBlocks:l,scale:p??1})}catch(t){let a=t instanceof RangeError?t.message.replaceAll(/\s+/g," "):"it is no JSON object";throw new _(`${e}: the topology in its metadata is damaged (${a})`,{cause:t})}}function ia(r,e){let t={};for(let a of He)t[a]=r[a]??"";for(let a of $t){let o=Number(r[a]??0);if(!Number.isSafeInteger(o)||o<0)throw new _(`${e}: ${a} in its metadata is no whole number`);t[a]=o}try{let a=Object.entries(JSON.parse(r.metrics??"{}")).map(([o,n])=>[o,Number(n)]);t.metrics=Object.fromEntries(a)}catch(a){throw new _(`${e}: the metrics in its metadata are damaged`,{cause:a})}return t}function Nt(r,{peak:e,warmup:t,steps:a}){if(r<=t)return e*r/t;let o=Math.min((r-t)/(a-t+1),1);return e*.5*(1+Math.cos(Math.PI*o))}var la=.999,ca=500;function Ut(r,{peak:e,steps:t,decay:a=0}){let o=Math.min(ca,Math.ceil(t/20));return{beta1:.9,beta2:.99,maxNorm:1,step:r,decay:a,learningRate:Nt(r,{peak:e,warmup:o,steps:t}),ema:da(r)}}function da(r){return Math.min((1+r)/(10+r),la)}function Ct(r){let e=[],t=[],a=new Array(r.length).fill(-1),o=r.map((n,s)=>s).sort((n,s)=>r[n].first-r[s].first||r[s].bytes-r[n].bytes);for(let n of o){let{bytes:s,first:i,last:c}=r[n],d=-1;for(let l=0;l<e.length;l++){if(t[l]>=i)continue;if(d<0){d=l;continue}let p=e[l]>=s,u=e[d]>=s;(p?!u||e[l]<e[d]:!u&&e[l]>e[d])&&(d=l)}d<0&&(d=e.length,e.push(0),t.push(-1)),e[d]=Math.max(e[d],s),t[d]=c,a[n]=d}return{assignment:a,sizes:e}}function Gt(r,e){return e==="flat"?R(r)*4:R(r.slice(0,-1))*P(r[r.length-1])*4}function ke(r,e,t){let a=P(e);if(a===e)return t?.set(r),t??r;let o=r.length/e,n=t??new Float32Array(o*a);for(let s=0,i=0,c=0;s<o;s++,c+=a-e)for(let d=0;d<e;d++)n[c++]=r[i++];return n}function ce(r,e){let t=P(e);if(t===e)return r;let a=r.length/t,o=new Float32Array(a*e);for(let n=0,s=0,i=0;n<a;n++,s+=t-e)for(let c=0;c<e;c++)o[i++]=r[s++];return o}var pa=64,ua=65535,W=class{tensors=[];dispatches=[];inputs=new Map;outputs=new Map;training;#e=[];#r=new Map;#t="";constructor(e){this.training=e.training}tensor(e,t,a={}){if(e.some(s=>!Number.isInteger(s)||s<1))throw new v(`Cannot record the tensor ${t}: its shape ${A(e)} must have positive extents`);let o=a.layout??"image",n={id:this.tensors.length,name:t,shape:e,layout:o,lifetime:a.lifetime??"planned",bytes:Gt(e,o),...a.external?{external:a.external}:{}};return this.tensors.push(n),n}input(e,t){let a=this.tensor(t,e,{lifetime:"persistent"});return this.inputs.set(e,a),a}scalars(e,t){let a=this.tensor([Math.ceil(t/4)*4],e,{layout:"flat",lifetime:"persistent"});return this.inputs.set(e,a),a}output(e,t){this.outputs.set(e,t)}within(e,t){let a=this.#t;this.#t=a?`${a}/${e}`:e;try{return t()}finally{this.#t=a}}dispatch(e,t,a){let o=Object.keys(e.bindings);if(o.join()!==Object.keys(t).join())throw new v(`Cannot record ${e.name}: it binds ${o.join()}, got ${Object.keys(t).join()}`);let s=e.params.map(l=>l.split(":")[0]).find(l=>a.params[l]===void 0);if(s)throw new v(`Cannot record ${e.name}: the parameter ${s} is not given`);let i=o.filter(l=>e.bindings[l]==="read_write").map(l=>F(t[l]).tensor);for(let l of o){let{tensor:p}=F(t[l]);if(e.bindings[l]!=="read_write"?i.includes(p):i.filter(u=>u===p).length>1)throw new v(`Cannot record ${e.name}: ${p.name} is bound for reading and writing at once`)}let[c,d]=ma(Math.ceil(a.invocations/pa));this.dispatches.push({label:[this.#t,a.label??e.name].filter(Boolean).join("/"),kernel:e,constants:a.constants??{},params:a.params,bindings:t,workgroups:[c,d,a.groups??1],once:a.once??!1,flops:a.flops??0})}gradient(e,t){if(!this.training)return;let a=this.#t;this.#e.push(()=>{let o=this.#r.get(e);o?.written&&this.within(a?`${a}.grad`:"grad",()=>t(o.gradient))})}gradientOf(e){let t=this.#r.get(e);t||this.#r.set(e,t={gradient:this.tensor(e.shape,`d(${e.name})`,{layout:e.layout}),written:!1});let a=t.written;return t.written=!0,{gradient:t.gradient,accumulate:a}}backward(){for(let e of this.#e.splice(0).reverse())e()}};function ma(r){let e=Math.max(1,Math.ceil(r/ua));return[Math.max(1,Math.ceil(r/e)),e]}function F(r){return"tensor"in r?r:{tensor:r,offset:0,size:r.bytes}}function M(r){return r.bytes/16}function Ft(r){return R(r.shape)}var Je=256;async function de(r,e){let t=performance.now();try{return await fa(r,e)}finally{r.times.prepare+=(performance.now()-t)/1e3}}async function fa(r,e){let{device:t}=r;r.check();let a=[];for(let{kernel:p,constants:u}of e.dispatches)a.push(await r.kernel(p,u));t.pushErrorScope("validation"),t.pushErrorScope("out-of-memory");let o=[],n=(p,u,m)=>{let y=r.buffer(p,u,m);return o.push(y),y},s=()=>o.forEach(p=>r.release(p)),i,c;try{let p=ha(e,n),u=new DataView(new ArrayBuffer(e.dispatches.length*Je));e.dispatches.forEach(({kernel:h,params:f},w)=>{h.params.forEach((b,g)=>{let[x,k]=b.split(":"),S=w*Je+g*4;k==="f32"?u.setFloat32(S,f[x],!0):u.setInt32(S,f[x],!0)})});let m=n("uniforms",Math.max(u.byteLength,16),GPUBufferUsage.UNIFORM|GPUBufferUsage.COPY_DST);r.write(m,0,new Uint32Array(u.buffer));let y=e.dispatches.map((h,f)=>({dispatch:h,compiled:a[f],group:t.createBindGroup({label:h.label,layout:a[f].layout,entries:[{binding:0,resource:{buffer:m,offset:f*Je,size:h.kernel.params.length*4}},...Object.values(h.bindings).map((w,b)=>{let{tensor:g,offset:x,size:k}=F(w);return{binding:b+1,resource:{buffer:p.get(g),offset:x,size:k}}})]})}));i=new Ye(r,e,y,p,o)}catch(p){c=p}let d=await t.popErrorScope(),l=await t.popErrorScope();if(d?c=new E(`The GPU is out of memory for a plan: ${d.message}`):l&&(c??=new v(`Cannot build a plan: ${l.message}`)),c)throw s(),c;return i}function ha(r,e){let t=new Map,a=new Map;r.dispatches.forEach((l,p)=>{for(let u of Object.values(l.bindings)){let{tensor:m}=F(u);t.has(m)||t.set(m,p),a.set(m,p)}});for(let l of r.outputs.values())a.set(l,r.dispatches.length);let o=GPUBufferUsage.STORAGE|GPUBufferUsage.UNIFORM|GPUBufferUsage.COPY_DST|GPUBufferUsage.COPY_SRC,n=new Map,s=r.tensors.filter(l=>{if(l.external)n.set(l,l.external);else if(l.lifetime==="persistent")n.set(l,e(l.name,l.bytes,o));else return t.has(l);return!1}),{assignment:i,sizes:c}=Ct(s.map(l=>({bytes:l.bytes,first:t.get(l),last:a.get(l)}))),d=c.map((l,p)=>e(`shared ${p}`,l,o));return s.forEach((l,p)=>n.set(l,d[i[p]])),n}var Ye=class{#e;#r;#t;#o;#a;#n=new Map;#s=new Map;#i=!0;constructor(e,t,a,o,n){this.#e=e,this.#r=t,this.#t=a,this.#o=o,this.#a=n}write(e,t){let a=this.#r.inputs.get(e);if(!a)throw new v(`Cannot write ${e}: the plan has no such input`);let o=performance.now(),n=t;if(a.layout==="image"){let s=a.shape[a.shape.length-1],i=this.#s.get(e);if(i||this.#s.set(e,i=new Float32Array(a.bytes/4)),t.length!==a.shape.reduce((c,d)=>c*d,1))throw new v(`Cannot write ${e}: it is ${A(a.shape)}, got ${t.length} values`);n=ke(t,s,i)}this.#e.write(this.#o.get(a),0,n),this.#e.times.upload+=(performance.now()-o)/1e3}run(){this.#e.check();let e=performance.now(),t=this.#e.device.createCommandEncoder(),a=t.beginComputePass();for(let o of this.#t)o.dispatch.once&&!this.#i||(a.setPipeline(o.compiled.pipeline),a.setBindGroup(0,o.group),a.dispatchWorkgroups(...o.dispatch.workgroups));a.end(),this.#e.device.queue.submit([t.finish()]),this.#i=!1,this.#e.times.compute+=(performance.now()-e)/1e3}refresh(){this.#i=!0}async read(e){let t=this.#r.outputs.get(e);if(!t)throw new v(`Cannot read ${e}: the plan has no such output`);let{device:a,times:o}=this.#e,n=await this.#l(e,t),s=performance.now(),i=a.createCommandEncoder();i.copyBufferToBuffer(this.#o.get(t),0,n,0,t.bytes),a.queue.submit([i.finish()]);try{await n.mapAsync(GPUMapMode.READ)}catch(p){throw this.#e.check(),p}let c=performance.now();o.compute+=(c-s)/1e3;let d=new Float32Array(n.getMappedRange(0,t.bytes).slice(0));n.unmap(),this.#e.check();let l=t.layout==="image"?ce(d,t.shape[t.shape.length-1]):d;return o.download+=(performance.now()-c)/1e3,l}async#l(e,t){let a=this.#n.get(e);if(a)return a;let{device:o}=this.#e;o.pushErrorScope("out-of-memory");let n=this.#e.buffer(`read ${e}`,t.bytes,GPUBufferUsage.MAP_READ|GPUBufferUsage.COPY_DST);this.#a.push(n);let s=await o.popErrorScope();if(s)throw new E(`The GPU is out of memory to read ${e}: ${s.message}`);return this.#n.set(e,n),n}describe(){let e=this.#a.reduce((a,o)=>a+o.size,0);return[...this.#t.map(({dispatch:a})=>{let o=Object.entries(a.bindings).map(([n,s])=>`${n} ${F(s).tensor.name} ${A(F(s).tensor.shape)}`);return`${a.label}: ${a.kernel.name} (${o.join(", ")})`}),`${this.#t.length} steps, ${this.#a.length} buffers, ${e} bytes`].join(`
`)}get bytes(){return this.#a.reduce((e,t)=>e+t.size,0)}async profile(){let{device:e}=this.#e;if(!e.features.has("timestamp-query"))throw new v("Cannot profile: the adapter has no timestamp queries");let t=this.#t.filter(({dispatch:d})=>!d.once||this.#i),a=e.createQuerySet({type:"timestamp",count:t.length*2}),o=t.length*16,n=this.#e.buffer("timestamps",o,GPUBufferUsage.QUERY_RESOLVE|GPUBufferUsage.COPY_SRC),s=this.#e.buffer("read timestamps",o,GPUBufferUsage.MAP_READ|GPUBufferUsage.COPY_DST),i=e.createCommandEncoder();t.forEach(({dispatch:d,compiled:l,group:p},u)=>{let m=i.beginComputePass({timestampWrites:{querySet:a,beginningOfPassWriteIndex:u*2,endOfPassWriteIndex:u*2+1}});m.setPipeline(l.pipeline),m.setBindGroup(0,p),m.dispatchWorkgroups(...d.workgroups),m.end()}),i.resolveQuerySet(a,0,t.length*2,n,0),i.copyBufferToBuffer(n,0,s,0,o),e.queue.submit([i.finish()]),await s.mapAsync(GPUMapMode.READ);let c=new BigUint64Array(s.getMappedRange().slice(0));s.unmap();for(let d of[n,s])this.#e.release(d);return a.destroy(),this.#i=!1,t.map(({dispatch:d},l)=>{let p=Number(c[l*2+1]-c[l*2]);return{label:d.label,kernel:d.kernel.name,milliseconds:p/1e6,gflops:p>0?d.flops/p:0}})}[Symbol.dispose](){for(let e of this.#a.splice(0))this.#e.release(e)}};var It={none:0,relu:1,"leaky-relu":2};function Xe(r){return It[r]}var Bt=new WeakMap;function Dt(r,e){Bt.set(r,e)}function Qe(r){return Bt.get(r)??"none"}function G(r,e){let t=Qe(r);return{activated:t==="none"?e:r,constants:{ACTIVATION:It[t]}}}var ga={name:"add",params:["count"],bindings:{a:"read",b:"read",y:"read_write"}},ya={name:"add_grad",params:["count","accumulate"],bindings:{dy:"read",activated:"read",dx:"read_write"},includes:["activation"]};function Kt(r,e,t,a="add",o=new Set){if(e.shape.join()!==t.shape.join())throw new v(`Cannot record add "${a}": its terms are ${A(e.shape)} and ${A(t.shape)}`);let n=r.tensor(e.shape,a),s=M(n);return r.within(a,()=>{r.dispatch(ga,{a:e,b:t,y:n},{params:{count:s},invocations:s}),r.gradient(n,i=>{for(let c of[e,t]){if(o.has(c))continue;let{gradient:d,accumulate:l}=r.gradientOf(c),{activated:p,constants:u}=G(c,i);r.dispatch(ya,{dy:i,activated:p,dx:d},{params:{count:s,accumulate:Number(l)},constants:u,invocations:s})}})}),n}function zt(r){return{name:r,params:["batch","height","width","x4","first4","in4","shift","out4","first_block","block_vec4s","accumulate","activation"],bindings:{x:"read",w:"uniform",activated:"read",y:"read_write"},includes:["activation","conv2d_tile"]}}var Lt=zt("conv2d_tile8"),jt=zt("conv2d_tile8x4"),Wt={name:"conv2d_pack",params:["in4","out4","source4","target4","first4","block_vec4s","count"],bindings:{weight:"read",bias:"read",packed:"read_write"}},qt={name:"conv2d_naive",params:["batch","height","width","out_height","out_width","a4","b4","a_shift","out4","kernel","stride"],bindings:{a:"read",b:"read",w:"read",bias:"read",y:"read_write"},includes:["activation"]},Ht={name:"conv2d_input_grad_naive",params:["batch","height","width","out_height","out_width","in4","out4","target4","first4","kernel","stride","accumulate"],bindings:{dy:"read",w:"read",activated:"read",dx:"read_write"},includes:["activation"]},Vt={name:"conv2d_weight_grad_rows",params:["batch","height","width","in4","out4","shift","first4","total4","slices","rows"],bindings:{x:"read",dy:"read",partials:"read_write"}},Jt={name:"conv2d_weight_grad_naive",params:["batch","height","width","out_height","out_width","in4","out4","shift","first4","total4","slices","rows","kernel","stride"],bindings:{x:"read",dy:"read",partials:"read_write"}},Yt={name:"bias_grad",params:["pixels","out4","slices","slice_pixels"],bindings:{dy:"read",partials:"read_write"}};var wa={name:"sum_slices",params:["count","slices","accumulate"],bindings:{partials:"read",total:"read_write"}};function I(r,e,t,a,o=!1){let n=F(t).size/16;r.dispatch(wa,{partials:e,total:t},{params:{count:n,slices:a,accumulate:Number(o)},invocations:n})}function q(r,e){let t=Math.ceil(r/Math.max(1,Math.min(e,r)));return{slices:Math.ceil(r/t),each:t}}var va={name:"upsample",params:["batch","height","width","c4"],bindings:{x:"read",y:"read_write"}},ba={name:"upsample_grad",params:["batch","height","width","c4","accumulate"],bindings:{dy:"read",activated:"read",dx:"read_write"},includes:["activation"]},Xt=({shape:[r,e,t,a]})=>({batch:r,height:e,width:t,c4:P(a)/4});function Qt(r,e,t,a="up",o=new Set){let[n,s,i,c]=e.shape,d=r.tensor([n,s*2,i*2,c],a);return r.within(a,()=>{r.dispatch(va,{x:e,y:d},{params:Xt(e),constants:{BILINEAR:+(t==="bilinear")},invocations:M(d)}),o.has(e)?o.add(d):r.gradient(d,l=>Ze(r,l,e,t))}),d}function Ze(r,e,t,a){let{gradient:o,accumulate:n}=r.gradientOf(t),{activated:s,constants:i}=G(t,e);r.dispatch(ba,{dy:e,activated:s,dx:o},{params:{...Xt(t),accumulate:Number(n)},constants:{...i,BILINEAR:+(a==="bilinear")},invocations:M(t)})}var xa=19,Ae=65536,_a=2048,O=r=>"upsampled"in r?r.upsampled:r,pe=r=>"upsampled"in r?1:0,U=r=>P(r.shape[3])/4;function et(r){let{shape:e}=O(r),t=1<<pe(r);return[e[1]*t,e[2]*t]}function ka(r,{name:e,stride:t,outChannels:a}){if(r.length<1||r.length>2)throw new v(`Cannot record conv2d "${e}": it reads one or two inputs, got ${r.length}`);let[o,n]=et(r[0]),s=O(r[0]).shape[0];for(let i of r){let[c,d]=et(i),{shape:l}=O(i);if(l.length!==4||c!==o||d!==n||l[0]!==s)throw new v(`Cannot record conv2d "${e}": its inputs are ${A(O(r[0]).shape)} and ${A(l)}`)}if(r.length===2&&pe(r[1]))throw new v(`Cannot record conv2d "${e}": only its first input can be upsampled on the way`);return[s,X(o,t),X(n,t),a]}function er(r,e,t,a,{variant:o="auto",withoutGradient:n=new Set}={}){let{name:s,kernel:i,stride:c,activation:d}=a,l=ka(e,a);Sa(e,t,a);let p=r.tensor(l,s);Dt(p,d);let u=t.range(r,`${s}.weight`),m=t.range(r,`${s}.bias`),{llvm:y=1/0}=t.adapter,h=o==="auto"?y<xa?"tile8x4":"tile8":o,f={rec:r,sources:e,options:a,y:p,weight:u,bias:m,tall:h==="tile8x4",...Aa(e,p)},w=o!=="naive"&&i===3&&c===1,b=g=>w&&tr(g)*16<=Ae;return r.within(s,()=>{if(b(f.in4)){let g=e.length-1;ar(f,{sources:e,target:p,activated:O(e[0]),first4:0,accumulate:!1,modes:e.map((x,k)=>k===0?Ta:Ra),activations:e.map((x,k)=>k===g?Xe(d):0)})}else Pa(f);r.gradient(p,g=>{$a(f,g,t,w);let x=0;for(let k of e){let S=O(k);n.has(S)||Ma(f,g,k,x,b(f.out4)),x+=U(S)}})}),p}function Aa(r,e){let[t,a]=et(r[0]);return{batch:e.shape[0],height:t,width:a,out_height:e.shape[1],out_width:e.shape[2],in4:r.reduce((o,n)=>o+U(O(n)),0),out4:U(e)}}function Sa(r,e,{name:t,kernel:a,outChannels:o}){let n=r.map(c=>O(c).shape[3]),s=e.specs.find(c=>c.name===`${t}.weight`),i=[a,a,n.reduce((c,d)=>c+d,0),o];if(!s||s.shape.join()!==i.join()||(s.sources??[i[2]]).join()!==n.join())throw new v(`Cannot record conv2d "${t}": input has ${n.join(" + ")} channels, so the weight is ${A(i)}; got ${s?A(s.shape):"none"}`)}function tt({batch:r,out_height:e,out_width:t,options:a,sources:o},n){let s=n??o.reduce((i,c)=>i+O(c).shape[3],0);return 2*r*e*t*a.kernel**2*s*a.outChannels}function Pa(r){let{rec:e,sources:t,options:a,y:o,weight:n,bias:s}=r,[i,c=i]=t.map(O);e.dispatch(qt,{a:i,b:c,w:n,bias:s,y:o},{params:{...Se(r,["batch","height","width","out_height","out_width","out4"]),a4:U(i),b4:t[1]?U(c):0,a_shift:pe(t[0]),kernel:a.kernel,stride:a.stride},constants:{ACTIVATION:Xe(a.activation)},invocations:r.batch*r.out_height*r.out_width*r.out4,flops:tt(r)})}function Se(r,e){return Object.fromEntries(e.map(t=>[t,r[t]]))}function tr(r){return Math.ceil((72*r+2)/16)*16}var rr=0,Ta=1,Ra=2;function ar(r,e){let{rec:t,batch:a,height:o,width:n,in4:s,out4:i}=r,c=U(e.target),d=e.sources.reduce((w,b)=>w+U(O(b)),0),l=tr(d),p=Math.ceil(c/2),u=!t.training,m=Math.floor(Ae/(l*16)),y=Math.floor((p-1)/m)*m*l*16,h=t.tensor([(y+Ae)/4],`${r.options.name}.packed`,{layout:"flat",lifetime:u?"persistent":"planned"});t.dispatch(Wt,{weight:r.weight,bias:r.bias,packed:h},{params:{in4:s,out4:i,source4:d,target4:c,first4:e.first4,block_vec4s:l,count:p*l},constants:{FORWARD:+(e.modes[0]!==rr)},invocations:p*l,once:u});let f=0;e.sources.forEach((w,b)=>{let g=O(w),x=U(g);for(let k=0;k<p;k+=m){let S=Math.min(m,p-k);t.dispatch(r.tall?jt:Lt,{x:g,w:{tensor:h,offset:k*l*16,size:Ae},activated:e.activated,y:e.target},{params:{batch:a,height:o,width:n,x4:x,first4:f,in4:d,shift:pe(w),out4:c,first_block:k,block_vec4s:l,accumulate:Number(e.accumulate),activation:e.activations[b]},constants:{MODE:e.modes[b]},invocations:a*Math.ceil(o/(r.tall?4:1))*Math.ceil(n/8),groups:S,flops:18*a*o*n*x*4*Math.min(S*8,(c-k*2)*4)})}f+=x})}function Ma(r,e,t,a,o){let{rec:n,options:s}=r,i=O(t),d="upsampled"in t?n.tensor([r.batch,r.height,r.width,i.shape[3]],`d(${i.name} upsampled)`):void 0,{gradient:l,accumulate:p}=d?{gradient:d,accumulate:!1}:n.gradientOf(i),{activated:u,constants:m}=d?{activated:e,constants:{ACTIVATION:0}}:G(i,e);o?ar(r,{sources:[e],modes:[rr],activations:[m.ACTIVATION],activated:u,target:l,first4:a,accumulate:p}):n.dispatch(Ht,{dy:e,w:r.weight,activated:u,dx:l},{params:{...Se(r,["batch","height","width","out_height","out_width","in4","out4"]),target4:U(i),first4:a,kernel:s.kernel,stride:s.stride,accumulate:Number(p)},constants:m,invocations:r.batch*r.height*r.width*U(i),flops:tt(r,i.shape[3])}),d&&Ze(n,d,i,"nearest")}function Zt(r,e){return 3*Math.ceil(r/2)*Math.ceil(e/2)}function $a(r,e,t,a){let{rec:o,options:n,in4:s,out4:i}=r,c=n.kernel**2,{slices:d,each:l}=q(r.batch*r.out_height,Math.ceil(_a/(a?Zt(s,i):s*i*c))),p=o.tensor([d,c,s*4,i*4],`${n.name}.weight partials`,{layout:"flat"}),u=0;for(let f of r.sources){let w=O(f),b=U(w),g={out4:i,shift:pe(f),in4:b,first4:u,total4:s,slices:d,rows:l},x=tt(r,w.shape[3]);a?o.dispatch(Vt,{x:w,dy:e,partials:p},{params:{...Se(r,["batch","height","width"]),...g},invocations:Zt(b,i)*d,flops:x}):o.dispatch(Jt,{x:w,dy:e,partials:p},{params:{...Se(r,["batch","height","width","out_height","out_width"]),...g,kernel:n.kernel,stride:n.stride},invocations:c*b*i*d,flops:x}),u+=b}I(o,p,t.range(o,`${n.name}.weight`,"gradients"),d);let m=r.batch*r.out_height*r.out_width,y=q(m,Math.ceil(256/i)),h=o.tensor([y.slices,i*4],`${n.name}.bias partials`,{layout:"flat"});o.dispatch(Yt,{dy:e,partials:h},{params:{pixels:m,out4:i,slices:y.slices,slice_pixels:y.each},invocations:i*y.slices}),I(o,h,t.range(o,`${n.name}.bias`,"gradients"),y.slices)}var Oa={name:"max_pool",params:["batch","height","width","c4"],bindings:{x:"read",y:"read_write",argmax:"read_write"}},Ea={name:"max_pool_grad",params:["batch","height","width","c4","accumulate"],bindings:{dy:"read",argmax:"read",activated:"read",dx:"read_write"},includes:["activation"]};function or(r,e,t="pool"){let[a,o,n,s]=e.shape,i=P(s)/4,c=r.tensor([a,X(o,2),X(n,2),s],t),d=r.tensor([M(c)],`${t}.argmax`,{layout:"flat"}),l={batch:a,height:o,width:n,c4:i};return r.within(t,()=>{r.dispatch(Oa,{x:e,y:c,argmax:d},{params:l,invocations:M(c)}),r.gradient(c,p=>{let{gradient:u,accumulate:m}=r.gradientOf(e),{activated:y,constants:h}=G(e,p);r.dispatch(Ea,{dy:p,argmax:d,activated:y,dx:u},{params:{...l,accumulate:Number(m)},constants:h,invocations:M(e)})})}),c}var sr=["values","gradients","moment1","moment2","average"],nr=64,Pe=class{specs;length;#e;#r=new Map;#t=new Map;#o=new WeakMap;constructor(e,t){this.#e=e,this.specs=t;let a=0;for(let o of t){let n=ir(o);this.#r.set(o.name,{spec:o,offset:a,length:n}),a+=Math.ceil(n/nr)*nr}this.length=a}get adapter(){return this.#e.adapter}range(e,t,a="values"){let{offset:o,length:n}=this.#a(t);return{tensor:this.whole(e,a),offset:o*4,size:n*4}}whole(e,t){let a=this.#o.get(e);a||this.#o.set(e,a=new Map);let o=a.get(t);return o||(o=e.tensor([this.length],`parameters.${t}`,{layout:"flat",lifetime:"persistent",external:this.#n(t)}),a.set(t,o)),o}upload(e,t="values"){let a=new Float32Array(this.length);for(let{spec:o,offset:n}of this.#r.values()){let s=e.get(o.name);if(!s||s.length!==R(o.shape))throw new v(`Cannot upload ${o.name}: it has ${R(o.shape)} values, got ${s?.length??"none"}`);a.set(Ua(s,o),n)}this.#e.write(this.#n(t),0,a)}async download(e="values"){let t=this.length*4,{device:a}=this.#e,o=this.#e.buffer(`read ${e}`,t,GPUBufferUsage.MAP_READ|GPUBufferUsage.COPY_DST);try{let n=a.createCommandEncoder();n.copyBufferToBuffer(this.#n(e),0,o,0,t),a.queue.submit([n.finish()]),await o.mapAsync(GPUMapMode.READ),this.#e.check();let s=new Float32Array(o.getMappedRange(0,t).slice(0));return new Map([...this.#r.values()].map(({spec:i,offset:c,length:d})=>[i.name,Ca(s.subarray(c,c+d),i)]))}finally{this.#e.release(o)}}[Symbol.dispose](){for(let e of this.#t.values())this.#e.release(e);this.#t.clear()}#a(e){let t=this.#r.get(e);if(!t)throw new v(`Cannot find the parameter ${e}`);return t}#n(e){let t=this.#t.get(e);if(!t){let a=GPUBufferUsage.STORAGE|GPUBufferUsage.COPY_DST|GPUBufferUsage.COPY_SRC;t=this.#e.buffer(`parameters.${e}`,this.length*4,a),this.#t.set(e,t)}return t}};function Na(r){return r.reduce((e,t)=>e+P(t),0)}function ir({shape:r,sources:e}){if(r.length===1)return P(r[0]);let[t,a,o,n]=r;return t*a*Na(e??[o])*P(n)}function Ua(r,e){let{shape:t,sources:a}=e,o=t[t.length-1],n=ke(r,o);if(t.length===1)return n;let s=P(o),i=new Float32Array(ir(e));return lr(t,a,(c,d)=>i.set(n.subarray(c*s,(c+1)*s),d*s)),i}function Ca(r,e){let{shape:t,sources:a}=e,o=t[t.length-1];if(t.length===1)return ce(r,o).slice(0,o);let n=P(o),s=new Float32Array(R(t.slice(0,-1))*n);return lr(t,a,(i,c)=>s.set(r.subarray(c*n,(c+1)*n),i*n)),ce(s,o).slice()}function lr(r,e,t){let a=r[0]*r[1],o=0,n=0;for(let s=0;s<a;s++)for(let i of e??[r[2]]){for(let c=0;c<i;c++)t(o++,n+c);n+=P(i)}}var Ga={name:"pixel_shuffle",params:["batch","height","width","channels","factor","x_c4","y_c4"],bindings:{x:"read",y:"read_write"}},Fa={name:"pixel_shuffle_grad",params:["batch","height","width","channels","factor","x_c4","y_c4","accumulate"],bindings:{dy:"read",activated:"read",dx:"read_write"},includes:["activation"]};function cr(r,e,t,a="shuffle"){let[o,n,s,i]=e.shape,c=i/t**2;if(!Number.isInteger(c))throw new v(`Cannot record pixel shuffle "${a}": ${A(e.shape)} has no multiple of ${t**2} channels`);let d=r.tensor([o,n*t,s*t,c],a),l={batch:o,height:n,width:s,channels:c,factor:t,x_c4:P(i)/4,y_c4:P(c)/4};return r.within(a,()=>{r.dispatch(Ga,{x:e,y:d},{params:l,invocations:M(d)}),r.gradient(d,p=>{let{gradient:u,accumulate:m}=r.gradientOf(e),{activated:y,constants:h}=G(e,p);r.dispatch(Fa,{dy:p,activated:y,dx:u},{params:{...l,accumulate:Number(m)},constants:h,invocations:M(e)})})}),d}function ue(r,e){let t=K(e),a=new Map(t.nodes.flatMap(o=>o.op==="conv2d"?[[`${o.name}.weight`,o.inChannels]]:[]));return new Pe(r,t.parameters.map(o=>({...o,sources:a.get(o.name)})))}function me(r,e,t,a,o={}){let n=xe(t),[,s,i,c]=e.shape;if(s%n||i%n||c!==t.channels)throw new v(`Cannot record the U-Net: the image is ${s}×${i}×${c}, it takes multiples of ${n} and ${t.channels} channels`);let d=K(t),l=new Map([["image",e]]),p=new Set([e]),u=m=>{let y=l.get(m);if("upsampled"in y)throw new v(`Cannot record the U-Net: ${m} is read by more than a convolution`);return y};for(let m of d.nodes)if(m.op==="conv2d"){let y=m.inputs.map(h=>l.get(h));l.set(m.output,er(r,y,a,m,{...o,withoutGradient:p}))}else m.op==="maxPool"?l.set(m.output,or(r,u(m.input),m.output)):m.op==="add"?l.set(m.output,Kt(r,u(m.inputs[0]),u(m.inputs[1]),m.output,p)):m.op==="pixelShuffle"?l.set(m.output,cr(r,u(m.input),m.factor,m.output)):m.mode==="nearest"?l.set(m.output,{upsampled:u(m.input)}):l.set(m.output,Qt(r,u(m.input),m.mode,m.output,p));return u(d.output)}var Ia={name:"squared_norm",params:["count","slice_vec4s","slices"],bindings:{g:"read",partials:"read_write"}},Ba={name:"adam",params:["count"],bindings:{now:"uniform",g:"read",norm:"read",p:"read_write",m:"read_write",v:"read_write",average:"read_write"}};function dr(r,e,t="adam"){let a=r.scalars(t,12),o=e.whole(r,"gradients"),n=M(o),{slices:s,each:i}=q(n,1024),c=r.tensor([s*4],"norm partials",{layout:"flat"}),d=r.tensor([4],"squared norm",{layout:"flat",lifetime:"persistent"});return r.within(t,()=>{r.dispatch(Ia,{g:o,partials:c},{params:{count:n,slice_vec4s:i,slices:s},invocations:s}),I(r,c,d,s);let[l,p,u,m]=["values","moment1","moment2","average"].map(y=>e.whole(r,y));r.dispatch(Ba,{now:a,g:o,norm:d,p:l,m:p,v:u,average:m},{params:{count:n},invocations:n})}),{squaredNorm:d}}function pr(r){let{learningRate:e,step:t,beta1:a=.9,beta2:o=.999,epsilon:n=1e-8,decay:s=0,maxNorm:i=0,ema:c=.999}=r,d=l=>1/(1-Math.fround(l)**t);return Float32Array.of(e,a,o,n,d(a),d(o),s,i,c,0,0,0)}var Da=["mse","l1","charbonnier"],Ka={name:"loss",params:["count","c4","channels","slice_vec4s","slices","image_vec4s","scale:f32"],bindings:{y:"read",goal:"read",weights:"read",dy:"read_write",partials:"read_write"}},za=1024;function ur(r,e,t,a,o){if(e.shape.join()!==t.shape.join())throw new v(`Cannot record loss: output is ${A(e.shape)}, target is ${A(t.shape)}`);if(Qe(e)!=="none")throw new v(`Cannot record loss: ${e.name} has an activation fused into it, whose slope the loss does not know`);if(o&&o.shape[0]<e.shape[0])throw new v(`Cannot record loss: ${o.shape[0]} weights are too few for ${e.shape[0]} images`);let n=e.shape[e.shape.length-1],s=M(e),{slices:i,each:c}=q(s,za),d=r.tensor([i*4],"loss partials",{layout:"flat"}),l=r.tensor([4],"loss",{layout:"flat",lifetime:"persistent"});return r.within("loss",()=>{r.dispatch(Ka,{y:e,goal:t,weights:o??t,dy:r.gradientOf(e).gradient,partials:d},{params:{count:s,c4:P(n)/4,channels:n,slice_vec4s:c,slices:i,image_vec4s:s/e.shape[0],scale:1/Ft(e)},constants:{KIND:Da.indexOf(a),WEIGHTED:+(o!==void 0)},invocations:i}),I(r,d,l,i)}),l}var mr=sr.filter(r=>r!=="gradients"),Te=class r{#e;#r;#t;#o;#a;#n;#s=0;#i;constructor(e,t,a,o){let{topology:n}=t;this.#o=e,this.#a=n,this.#n=t,this.#t=a,this.#e=o,this.#r=ue(e,n)}static async create(e,t){let{topology:a,batch:o,patch:n}=t,s=ue(e,a),i=new W({training:!0}),c=i.input("x",[o,n,n,a.channels]),d=n*a.scale,l=i.input("target",[o,d,d,a.channels]),p=me(i,c,a,s),m=(t.balance??0)>0?i.scalars("weights",o):void 0,y=ur(i,p,l,t.loss,m);i.backward();let{squaredNorm:h}=dr(i,s),f=i.scalars("total loss",4);I(i,y,f,1,!0),i.output("total loss",f),i.output("squared norm",h);try{return new r(e,t,await de(e,i),s)}catch(w){throw s[Symbol.dispose](),w}}start(e){let t=new Map([...e].map(([a,o])=>[a,new Float32Array(o.length)]));this.load({values:new Map(e),moment1:t,moment2:t,average:new Map(e)})}load(e){for(let t of mr)this.#e.upload(e[t],t);this.#l()}step(e,t){this.#t.write("x",e.input),this.#t.write("target",e.target);let{batch:a,balance:o=0}=this.#n;o>0&&this.#t.write("weights",La(e,a,o)),this.#t.write("adam",pr(t)),this.#t.run(),this.#s++}async look(){let[e]=await this.#t.read("total loss"),[t]=await this.#t.read("squared norm"),a={loss:e/this.#s,gradientNorm:Math.sqrt(t)};return this.#l(),a}async state(){let e={};for(let t of mr)e[t]=await this.#e.download(t);return e}async validate(e,t){let{channels:a,scale:o}=this.#a;if(this.#i?.size!==t){this.#i?.plan[Symbol.dispose]();let l=new W({training:!1});l.output("y",me(l,l.input("x",[1,t,t,a]),this.#a,this.#r)),this.#i={plan:await de(this.#o,l),size:t}}this.#r.upload(await this.#e.download("average"));let{plan:n}=this.#i;n.refresh();let s=t*t*a,i=e.input.length/s,c=s*o**2,d=0;for(let l=0;l<i;l++){n.write("x",e.input.subarray(l*s,(l+1)*s)),n.run();let p=await n.read("y"),u=0;for(let m=0;m<c;m++)u+=(Math.min(Math.max(p[m],0),1)-e.target[l*c+m])**2;d+=Math.min(-10*Math.log10(u/c),60)}return d/i}async model(e={}){let t=await this.#e.download("average");return{topology:this.#a,parameters:t,info:_e({loss:this.#n.loss,...e})}}#l(){this.#t.write("total loss",new Float32Array(4)),this.#s=0}[Symbol.dispose](){this.#i?.plan[Symbol.dispose](),this.#t[Symbol.dispose](),this.#e[Symbol.dispose](),this.#r[Symbol.dispose]()}};function La({input:r,target:e},t,a){let o=new Float32Array(Math.ceil(t/4)*4),n=r.length/t;for(let s=0;s<t;s++){let i=0;for(let c=s*n;c<(s+1)*n;c++)i+=(r[c]-e[c])**2;o[s]=(.003/(i/n+5e-4))**a}return o}function fr(){return self}function Re(r){return(r instanceof Error?r.message:String(r)).replaceAll(/\s+/g," ").trim()||"something failed that says nothing of itself"}var ja=2e8,Wa=2048,Me=class r{paired=!1;photos;skipped;#e;constructor(e,t,a){this.photos=e,this.#e=t,this.skipped=a}static async open(e,t){let a=[],o=[],n=[],s=Math.min(Wa,Math.floor(Math.sqrt(ja/Math.max(e.length,1))));for(let[i,c]of e.entries()){let d=c.webkitRelativePath||c.name;try{let{width:l,height:p,rgb:u}=await qa(c,s);a.push({name:d,width:l,height:p}),o.push(u)}catch(l){n.push(`${d}: ${Re(l)}`)}t(i+1,e.length)}if(a.length===0)throw new _(`None of the ${e.length} files is a photo that this browser can read; choose PNG, JPEG or WebP files`);return new r(a,o,n)}load(e){return Promise.resolve({high:this.#e[e]})}handle(){throw new Error("Cannot open these photos in another thread")}};async function qa(r,e){let t=await createImageBitmap(r,{imageOrientation:"from-image"}),a=Math.min(1,e/Math.max(t.width,t.height)),[o,n]=[t.width,t.height].map(d=>Math.max(1,Math.round(d*a))),s=new OffscreenCanvas(o,n).getContext("2d",{willReadFrequently:!0});s.imageSmoothingQuality="high",s.drawImage(t,0,0,o,n),t.close();let{data:i}=s.getImageData(0,0,o,n),c=new Uint8Array(o*n*3);for(let d=0,l=0;l<c.length;d+=4,l+=3)c[l]=i[d],c[l+1]=i[d+1],c[l+2]=i[d+2];return{width:o,height:n,rgb:c}}var Ha=2,$e=class{topology;#e;#r;#t=new Map;constructor(e,t){this.topology=t.topology,this.#e=e,this.#r=ue(e,t.topology),this.#r.upload(t.parameters)}async predict(e,t){let a=await this.#o(t);return a.write("image",e),a.run(),await a.read("restored")}async#o(e){let t=e.join("×"),a=this.#t.get(t);if(a)return this.#t.delete(t),this.#t.set(t,a),a;let o=new W({training:!1});o.output("restored",me(o,o.input("image",e),this.topology,this.#r));let n=await de(this.#e,o);this.#t.set(t,n);for(let[s,i]of this.#t){if(this.#t.size<=Ha)break;this.#t.delete(s),i[Symbol.dispose]()}return n}[Symbol.dispose](){for(let e of this.#t.values())e[Symbol.dispose]();this.#t.clear(),this.#r[Symbol.dispose]()}};var Oe=class extends Error{name="TileTooLargeError"};var Ee=class{topology;device;preferredTile;#e;#r;#t;constructor(e,t,a,o={}){this.topology=t,this.device=e.adapter.software?`software adapter (${e.adapter.name})`:`GPU (${e.adapter.name})`,this.preferredTile=e.adapter.software?256:1024,this.#e=e,this.#r=o.owned??!1,this.#t=new $e(e,{topology:t,parameters:a})}async run(e,t,a){try{return await this.#t.predict(e,[1,t,a,this.topology.channels])}catch(o){let n=await this.#e.loss();throw n?new j(n.message,{cause:o}):o instanceof E?new Oe(o.message,{cause:o}):o}}get times(){let{prepare:e,upload:t,compute:a,download:o}=this.#e.times;return{prepare:e,upload:t,network:a,download:o}}[Symbol.dispose](){this.#t[Symbol.dispose](),this.#r&&this.#e[Symbol.dispose]()}};function hr(r){let e=new Uint8ClampedArray(r.length/3*4);for(let t=0,a=0;t<r.length;t+=3,a+=4){for(let o=0;o<3;o++)e[a+o]=255*r[t+o];e[a+3]=255}return e}var rt=4,Va=96,Ja=60,Ne=class r{#e;#r;#t;#o;constructor(e,t,a){this.#e=e,this.#r=t,this.#t=a;let o=this.#s(t.input);this.#o=o.indexOf(Math.min(...o))}static async draw(e,t){let a=xe(t.topology),o=Math.ceil(Va/a)*a;return new r(t.topology,await yt(e,{...t,count:rt,size:o}),o)}async measure(e,t){var c=[];try{let a=ae(c,new Ee(e,this.#e,t));let{input:o,target:n}=this.#r;let s=new Float32Array(o.length);for(let u=0;u<rt;u++)s.set(await a.run(this.#n(o,u),this.#t,this.#t),u*this.#a);let i=u=>hr(this.#n(u,this.#o));return{psnr:{damaged:gr(this.#s(o)),restored:gr(this.#s(s))},preview:{size:this.#t,damaged:i(o),restored:i(s),original:i(n)}}}catch(d){var l=d,p=!0}finally{he(c,l,p)}}get#a(){return this.#t*this.#t*3}#n(e,t){return e.slice(t*this.#a,(t+1)*this.#a)}#s(e){return Array.from({length:rt},(t,a)=>{let o=0;for(let n=a*this.#a;n<(a+1)*this.#a;n++)o+=(Math.min(Math.max(e[n],0),1)-this.#r.target[n])**2;return Math.min(-10*Math.log10(o/this.#a),Ja)})}};function gr(r){return r.reduce((e,t)=>e+t,0)/r.length}async function yr({name:r,url:e,bytes:t}){if(t)return Ve(t,r);let a=await fetch(e).catch(o=>{throw new _(`Cannot fetch the model ${r}: ${o.message}`,{cause:o})});if(!a.ok)throw new _(`Cannot fetch the model ${r}: the server answered ${a.status}`);return Ve(new Uint8Array(await a.arrayBuffer()),r)}var wr="l1",Ya=.05,Xa=2500,Qa=8,H=fr(),fe=!1;H.onmessage=({data:r})=>{if(r.kind==="stop"){fe=!0;return}fe=!1,Za(r.training).catch(e=>H.postMessage({kind:"failed",message:Re(e)}))};async function Za(r){var S=[];try{let{steps:e,batch:t,patch:a,seed:o,lookEvery:n}=r;let s=vt(r.recipe);let i=await eo(r);let{topology:c}=i;let d=ae(S,await kt());let l=await Me.open(r.files,(T,$)=>H.postMessage({kind:"decoding",done:T,total:$}));let p=wt(l.photos,Ya,o);let u=new ne(l,{patch:a,batch:t,seed:o,recipe:s,indices:p.train});let m=await Ne.draw(l,{indices:p.validation,recipe:s,seed:o,topology:c});let y=ae(S,await Te.create(d,{topology:c,batch:t,patch:a,loss:wr}).catch(T=>{throw T instanceof E?new _(`${t} patches of ${a}×${a} do not fit into the GPU's memory: choose less`):T}));y.start(i.parameters);H.postMessage({kind:"ready",device:d.adapter.name,photos:l.photos.length,skipped:l.skipped,parameters:[...i.parameters.values()].reduce((T,{length:$})=>T+$,0)});let h=performance.now();let f=0;let w=0;for(;f<e&&!fe;){if(y.step(await u.batch(f),Ut(f+1,{peak:r.learningRate,steps:e})),f++,await new Promise(Ce=>setTimeout(Ce)),f%n!==0&&f<e&&!fe)continue;let{loss:T}=await y.look();if(!Number.isFinite(T))throw new _(`The loss is no longer finite at step ${f}: try a smaller learning rate`);let $=performance.now(),z=f/($-h)*1e3;if($<w&&f<e&&!fe){H.postMessage({kind:"progress",step:f,loss:T,stepsPerSecond:z});continue}let{average:ee}=await y.state(),{psnr:te,preview:re}=await m.measure(d,ee);H.postMessage({kind:"progress",step:f,loss:T,stepsPerSecond:z,psnr:te,preview:re},[re.restored.buffer]);let Ue=performance.now()-$;w=performance.now()+Math.max(Xa,Qa*Ue)}let{average:b}=await y.state();let{psnr:g}=await m.measure(d,b);let x=_e({name:"own",recipe:s.text,seed:o,steps:f,loss:wr,data:`${l.photos.length} photos of one's own`,metrics:{"held-out psnr":Number(g.restored.toFixed(3))},created:new Date().toISOString(),version:st,note:r.init?`trained in a web page, from the weights of ${r.init.name}`:"trained in a web page"});let k=Ot({topology:c,parameters:b,info:x});H.postMessage({kind:"done",step:f,stopped:f<e,file:k},[k.buffer])}catch(B){var D=B,C=!0}finally{he(S,D,C)}}async function eo(r){if(r.init)return await yr(r.init);let e=be({base:r.base,depth:r.depth});return{topology:e,parameters:At(e,r.seed)}}
